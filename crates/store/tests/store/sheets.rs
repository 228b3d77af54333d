//! Sheets, and claims on jobs that are made longer.

use std::time::Duration;

use futures_executor::block_on;
use headwater_store::{Line, Mark, NewJob, WriteError};

use crate::org::{Org, at};

fn line(sheet: i64, place: u32) -> Line {
    Mark { sheet, place }.says(format!("line {place} of {sheet}"))
}

#[test]
fn lines_are_read_in_their_order_from_any_place() {
    let org = Org::new();
    let first = block_on(org.store.new_sheets(2)).unwrap();
    let other = block_on(org.store.new_sheets(1)).unwrap();
    assert_eq!(other, first + 2);
    let mut set = org.set(Vec::new());
    for place in [3, 0, 2, 1] {
        set.lines.push(line(first, place));
        set.lines.push(line(other, place));
    }
    org.store.write_blocking(set).unwrap();
    let read = |sheet, from, limit| block_on(org.store.lines(sheet, from, limit)).unwrap();
    assert_eq!(
        read(first, 0, 10),
        [0, 1, 2, 3].map(|place| line(first, place))
    );
    assert_eq!(read(other, 2, 1), [line(other, 2)]);
    assert_eq!(read(first + 1, 0, 10), []);
    // So many at a time, and none of another sheet.
    let remove = |limit| block_on(org.store.remove_lines(first, limit)).unwrap();
    assert_eq!([remove(3), remove(3), remove(3)], [3, 1, 0]);
    assert_eq!(read(first, 0, 10), []);
    assert_eq!(read(other, 0, 10).len(), 4);
}

#[test]
fn a_write_whose_line_is_there_already_does_not_happen() {
    let org = Org::new();
    let sheet = block_on(org.store.new_sheets(1)).unwrap();
    let mark = Mark { sheet, place: 7 };
    let write = || {
        let (id, insertion) = org.insertion("Account", &[("Name", "A".into())]);
        let mut set = org.set(vec![insertion]);
        set.lines.push(mark.of(id, true));
        (id, org.store.write_blocking(set))
    };
    let (id, first) = write();
    first.unwrap();
    let (other, second) = write();
    let is_refused = matches!(second, Err(WriteError::Busy(_) | WriteError::Database(_)));
    assert!(is_refused, "{second:?}");
    assert!(org.read("Account", id, &["Name"]).is_some());
    assert!(org.read("Account", other, &["Name"]).is_none());
    let lines = block_on(org.store.lines(sheet, 0, 10)).unwrap();
    assert_eq!(lines, [mark.of(id, true)]);
}

#[test]
fn a_claim_is_made_longer_only_by_whoever_has_it() {
    let org = Org::new();
    let mut set = org.set(Vec::new());
    set.jobs.push(NewJob {
        kind: "load".to_owned(),
        payload: "1".to_owned(),
        due: at(0),
        lane: None,
    });
    org.store.write_blocking(set).unwrap();
    let lease = Duration::from_secs(10);
    let claim = |seconds| block_on(org.store.claim_job("load", at(seconds), lease)).unwrap();
    let is_due = |seconds| block_on(org.store.has_due_job("load", at(seconds))).unwrap();
    assert!(is_due(1));
    let first = claim(1).unwrap();
    assert!(!is_due(10) && is_due(11));
    assert!(block_on(org.store.keep_job(&first, at(100))).unwrap());
    assert!(!is_due(99));
    let second = claim(100).unwrap();
    assert!(!block_on(org.store.keep_job(&first, at(200))).unwrap());
    assert!(block_on(org.store.keep_job(&second, at(200))).unwrap());
}
