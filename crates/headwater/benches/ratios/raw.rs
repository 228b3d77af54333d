//! The physical limit for durable writes: prepared statements into plain SQLite tables, committed in
//! groups, nothing else done.

use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, Transaction};

const TABLES: &str = "
    CREATE TABLE record (Id TEXT PRIMARY KEY, Owner TEXT, Name TEXT, Status TEXT, At INTEGER) STRICT;
    CREATE INDEX record_status ON record (Status);
    CREATE TABLE history (Id TEXT PRIMARY KEY, Record TEXT, Field TEXT, Before TEXT, After TEXT,
      At INTEGER, By TEXT) STRICT;
    CREATE INDEX history_record ON history (Record);
    CREATE TABLE change (Number INTEGER PRIMARY KEY, Record TEXT, At INTEGER, By TEXT, Fields TEXT)
      STRICT;
    CREATE TABLE event (Id TEXT PRIMARY KEY, Channel TEXT, Key TEXT, Address TEXT, Payload TEXT,
      Received INTEGER, State TEXT, Created INTEGER, CreatedBy TEXT, Modified INTEGER, ModifiedBy TEXT,
      Modstamp INTEGER) STRICT;
    CREATE UNIQUE INDEX event_key ON event (Channel, Key);
    CREATE INDEX event_address ON event (Channel, Address, State);
    CREATE INDEX event_age ON event (State, Received);
    CREATE TABLE session (Id TEXT PRIMARY KEY, Modified INTEGER, ModifiedBy TEXT, Modstamp INTEGER) STRICT;
    CREATE TABLE entry (Id TEXT PRIMARY KEY, Conversation TEXT, Session TEXT, At INTEGER, Seq INTEGER,
      Kind TEXT, ActorType TEXT, Actor TEXT, ActorName TEXT, Message TEXT, Identifier TEXT, Received INTEGER,
      Created INTEGER, CreatedBy TEXT, Modified INTEGER, ModifiedBy TEXT, Modstamp INTEGER) STRICT;
    CREATE INDEX entry_conversation ON entry (Conversation);
    CREATE INDEX entry_actor ON entry (Actor);
    CREATE INDEX entry_order ON entry (Session, At, Seq);
    CREATE UNIQUE INDEX entry_message ON entry (Session, Identifier);
    CREATE VIRTUAL TABLE words USING fts5(number, name, content = '', contentless_delete = 1,
      tokenize = 'ascii')";

const USER: &str = "005HW0000000001AAA";

/// Single inserts of a small row per second.
pub fn inserts_per_second(group: f64, seconds: f64) -> Result<f64> {
    per_second(group, seconds, |transaction, number| {
        let id = format!("500HW{number:013}");
        transaction
            .prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((&id, USER, "A case", "New", number))?;
        Ok(())
    })
}

/// Updates per second with all that an update of ours leaves behind: the row, its words in a
/// full-text index, its history, its entry in the change log.
pub fn updates_per_second(group: f64, seconds: f64) -> Result<f64> {
    per_second(group, seconds, |transaction, number| {
        let id = format!("500HW{:013}", number % 64);
        let turn = number as usize / 64 % 2;
        transaction
            .prepare_cached(
                "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET Name = ?3, Status = ?4, At = ?5",
            )?
            .execute((&id, USER, "A case", ["New", "Working"][turn], number))?;
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO words (rowid, number, name) VALUES (?1, ?2, ?3)",
            )?
            .execute((
                number % 64,
                &id,
                ["turned to new", "turned to working"][turn],
            ))?;
        let history = format!("017HW{number:013}");
        transaction
            .prepare_cached("INSERT INTO history VALUES (?1, ?2, 'Status', ?3, ?4, ?5, ?6)")?
            .execute((&history, &id, "New", "Working", number, USER))?;
        transaction
            .prepare_cached("INSERT INTO change VALUES (?1, ?2, ?1, ?3, ?4)")?
            .execute((
                number,
                &id,
                USER,
                r#"{"Status":"Working","Subject":"A case"}"#,
            ))?;
        Ok(())
    })
}

/// Messages per second with all that one of ours leaves behind, with the contents that ours have: the event,
/// made and then settled, the entry, the session that was spoken in, and the entry's line in the change log.
pub fn messages_per_second(group: f64, seconds: f64) -> Result<f64> {
    per_second(group, seconds, |transaction, number| {
        let (event, entry) = (format!("HW5HW{number:013}"), format!("0ZyHW{number:013}"));
        let (of, seq) = (number % 64, number / 64);
        let address = format!("v2/iamessage/UNAUTH/NA/uid:00000000-0000-4000-8000-{of:012}");
        let (session, conversation) = (format!("0MwHW{of:013}"), format!("0dwHW{of:013}"));
        let actor = format!("0PAHW{of:013}");
        let key = format!("00000000-0000-4000-8000-{number:012}");
        let name = format!("00000040-0000-4000-8000-{of:012}");
        let payload = format!(
            "{{\"event\":\"{key}\",\"address\":\"{address}\",\"what\":{{\"kind\":\"Message\",\"id\":\"{key}\",\
             \"text\":\"Where is my order?\",\"name\":null,\"conversation\":\"{name}\"}}}}"
        );
        let logged = format!(
            "{{\"ConversationEntityId\":\"{conversation}\",\"ConversationId\":\"{session}\",\"Seq\":{seq},\
             \"EntryTime\":{number},\"EntryTimeMilliSecs\":288,\"EntryType\":\"Text\",\"ActorType\":\"EndUser\",\
             \"ActorId\":\"{actor}\",\"ActorName\":\"Guest\",\"Message\":\"Where is my order?\",\
             \"MessageIdentifier\":\"{key}\",\"HasAttachments\":false,\"ServerReceivedTimestamp\":{number}}}"
        );
        transaction
            .prepare_cached(
                "INSERT INTO event VALUES (?1, 'web', ?2, ?3, ?4, ?5, 'Received', ?5, ?6, ?5, ?6, ?5)",
            )?
            .execute((&event, &key, &address, &payload, number, USER))?;
        transaction
            .prepare_cached(
                "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, 'Text', 'EndUser', ?6, 'Guest', ?7, ?8, ?4, \
                 ?4, ?9, ?4, ?9, ?4)",
            )?
            .execute((
                &entry,
                &conversation,
                &session,
                number,
                seq,
                &actor,
                "Where is my order?",
                &key,
                USER,
            ))?;
        transaction
            .prepare_cached(
                "INSERT INTO session VALUES (?1, ?2, ?3, ?2) ON CONFLICT DO UPDATE \
                 SET Modified = ?2, ModifiedBy = ?3, Modstamp = ?2",
            )?
            .execute((&session, number, USER))?;
        transaction
            .prepare_cached(
                "UPDATE event SET State = 'Done', Modified = ?2, ModifiedBy = ?3, Modstamp = ?2 WHERE Id = ?1",
            )?
            .execute((&event, number, USER))?;
        transaction
            .prepare_cached("INSERT INTO change VALUES (?1, ?2, ?1, ?3, ?4)")?
            .execute((number, &entry, USER, &logged))?;
        Ok(())
    })
}

/// Repeats a write, committed `group` at a time in the mean, with the pragmas Headwater uses.
fn per_second(
    group: f64,
    seconds: f64,
    write: impl Fn(&Transaction<'_>, i64) -> Result<()>,
) -> Result<f64> {
    let directory = tempfile::tempdir_in(crate::scratch())?;
    let mut connection = Connection::open(directory.path().join("raw.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 20_000)?;
    connection.execute_batch(TABLES)?;
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(seconds);
    let mut number = 0;
    let mut groups = 0.0;
    while Instant::now() < until {
        let transaction = connection.transaction()?;
        groups += 1.0;
        while (number as f64) < groups * group {
            number += 1;
            write(&transaction, number)?;
        }
        transaction.commit()?;
    }
    Ok(number as f64 / began.elapsed().as_secs_f64())
}
