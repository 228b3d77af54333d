//! What a retention rule concerns, and how far a run of it is.

use headwater_catalogue::{Id, Value};
use headwater_records::literal;
use jiff::{SignedDuration, Timestamp};

use crate::removal::NOTHING;

/// A channel's rule.
pub(super) struct Rule {
    pub(super) label: String,
    pub(super) days: Option<i64>,
    pub(super) is_inherited: bool,
    pub(super) removes_sessions: bool,
}

/// A run that has begun.
pub(super) struct Run {
    pub(super) id: Id,
    pub(super) channel: Id,
    pub(super) before: Timestamp,
    pub(super) removes_sessions: bool,
    pub(super) sessions: i64,
    pub(super) entries: i64,
    pub(super) files: i64,
}

impl Rule {
    /// Sessions that ended before this are over with.
    pub(super) fn before(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.days?.checked_mul(24)?;
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    }
}

impl Run {
    /// How far it was when it was read.
    pub(super) fn as_read(&self) -> [(&'static str, Value); 4] {
        [
            ("Status", Value::from("Running")),
            ("SessionsUntilNow", Value::Integer(self.sessions)),
            ("EntriesUntilNow", Value::Integer(self.entries)),
            ("FilesUntilNow", Value::Integer(self.files)),
        ]
    }
}

/// The sessions of a channel whose time is over, as conditions of which each session meets one at most: those
/// that say when they ended, and those that were made without saying it.
pub(super) fn over(channel: Id, before: Timestamp, removes_sessions: bool) -> [String; 2] {
    let channel = literal(channel.as_str());
    // Where the records go too, so do those that have stayed until now.
    let kept = if removes_sessions {
        ""
    } else {
        " AND TranscriptRemovedTime = null"
    };
    let of_channel =
        format!("MessagingChannelId = {channel}{kept} AND Status IN ('Ended', 'Error')");
    [
        format!("{of_channel} AND EndTime < {before}"),
        format!("{of_channel} AND EndTime = null AND StartTime < {before}"),
    ]
}

/// What came in before then and is worked off, and says still what it said.
pub(super) fn events(channel: Id, before: Timestamp) -> String {
    format!(
        "MessagingChannelId = {} AND ReceivedTime < {before} AND State IN ('Done', 'Failed') AND \
         Address != {}",
        literal(channel.as_str()),
        literal(NOTHING)
    )
}
