//! What a node keeps in memory of the database, and what makes it forget.
//!
//! Any number of nodes share a database, and each keeps callers with their rights, sessions, and the
//! catalogue. One list says which change makes which of these untrue. A node's own writes are held
//! against it at once, before they are answered; those of others when the change log tells of them.

use std::time::Duration;

use headwater_catalogue::Object;
use headwater_store::{Change, ChangeKind, Operation, WriteSet};

use crate::error::Error;
use crate::metadata;
use crate::org::Org;

/// Longest time until a node looks for others' changes though none was announced.
const LOOK: Duration = Duration::from_secs(1);

/// Changes read at a time.
const CHANGES_MAX: usize = 1_000;

/// Objects whose records say what somebody may do, or what describe tells them.
const RIGHTS_COME_FROM: [&str; 9] = [
    "Profile",
    "PermissionSet",
    "PermissionSetAssignment",
    "ObjectPermissions",
    "FieldPermissions",
    "Group",
    "GroupMember",
    "RecordType",
    "DefaultRecordType",
];

/// Fields of a user that a [`crate::Caller`] is made of. Others, such as the last login, change
/// often and must not make everybody's rights be read again.
pub(crate) const CALLER_FIELDS: [&str; 6] = [
    "ProfileId",
    "IsActive",
    "Name",
    "Username",
    "TimeZoneSidKey",
    "LocaleSidKey",
];

/// An application's sessions end when it is switched off or deleted.
const APPLICATION: &str = "ConnectedApplication";

/// What to forget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forget {
    /// Who callers are and what they may do.
    pub(crate) callers: bool,
    /// What access tokens stand for.
    pub(crate) sessions: bool,
}

impl Forget {
    /// All there is.
    pub(crate) const EVERYTHING: Self = Self {
        callers: true,
        sessions: true,
    };

    /// What a write of this node makes untrue.
    pub(crate) fn after(set: &WriteSet) -> Self {
        let mut forget = Self {
            callers: set.catalogue.is_some(),
            sessions: false,
        };
        for operation in &set.operations {
            let is_new = matches!(operation, Operation::Insert { .. });
            forget = forget.or(Self::of(&object_of(operation).name, is_new, || {
                names_of(operation)
            }));
        }
        forget
    }

    /// What the change of a record makes untrue, whoever made it. This is the one list.
    fn of<'f, F: Iterator<Item = &'f str>>(
        object: &str,
        is_new: bool,
        fields: impl FnOnce() -> F,
    ) -> Self {
        let is_caller = || fields().any(|field| CALLER_FIELDS.contains(&field));
        Self {
            callers: RIGHTS_COME_FROM.contains(&object)
                || object == "User" && !is_new && is_caller(),
            sessions: object == APPLICATION && !is_new,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            callers: self.callers || other.callers,
            sessions: self.sessions || other.sessions,
        }
    }
}

/// The object whose record an operation is about.
pub(crate) fn object_of(operation: &Operation) -> &Object {
    match operation {
        Operation::Insert { object, .. }
        | Operation::Update { object, .. }
        | Operation::Delete { object, .. }
        | Operation::Undelete { object, .. }
        | Operation::Erase { object, .. }
        | Operation::Merge { object, .. } => object,
    }
}

/// The fields that an operation gives values.
fn names_of(operation: &Operation) -> impl Iterator<Item = &str> {
    let (object, values) = match operation {
        Operation::Insert { object, values, .. } | Operation::Update { object, values, .. } => {
            (object, values.as_slice())
        }
        Operation::Delete { object, .. }
        | Operation::Undelete { object, .. }
        | Operation::Erase { object, .. }
        | Operation::Merge { object, .. } => (object, &[][..]),
    };
    values.iter().map(|(place, _)| &*object.fields[*place].name)
}

fn told_by(change: &Change) -> Forget {
    let fields = || change.fields.iter().map(|(name, _)| name.as_str());
    Forget::of(&change.object, change.kind == ChangeKind::Create, fields)
}

impl Org {
    /// Keeps what this node knows right while others write to the same database: to be run beside
    /// the server as long as it serves. Ends when the store is closed, and at once where no other
    /// process can write.
    pub async fn follow(&self) {
        let store = self.store();
        if !store.is_shared() {
            return;
        }
        let mut changed = store.changed();
        let mut after = self.known_change();
        let mut is_behind = false;
        loop {
            let newest = *changed.borrow_and_update();
            match self.catch_up(after, newest).await {
                Ok(()) => {
                    after = after.max(newest);
                    if std::mem::take(&mut is_behind) {
                        // Whatever was missed meanwhile is read anew.
                        self.forget(Forget::EVERYTHING);
                    }
                }
                Err(_) if store.is_closed() => return,
                Err(error) => {
                    if !is_behind {
                        tracing::warn!(%error, "other nodes' changes cannot be followed now");
                    }
                    is_behind = true;
                }
            }
            if let Ok(Err(_)) = tokio::time::timeout(LOOK, changed.changed()).await {
                return;
            }
        }
    }

    /// Takes in what was changed after a replay id up to another.
    async fn catch_up(&self, mut after: i64, newest: i64) -> Result<(), Error> {
        if self.store().catalogue_version().await? != self.known_catalogue() {
            drop(self.metadata_turn().await?);
        }
        while after < newest {
            let changes = self.store().changes(after, CHANGES_MAX).await?;
            let Some(last) = changes.last() else {
                return Ok(());
            };
            after = last.replay_id;
            let told = changes.iter().map(told_by);
            self.forget(told.fold(Forget::default(), Forget::or));
        }
        Ok(())
    }

    /// Takes the catalogue in that others have made, if they have. Whoever asks has the turn.
    pub(crate) async fn catch_up_with_metadata(&self) -> Result<(), Error> {
        let version = self.store().catalogue_version().await?;
        if version == self.known_catalogue() {
            return Ok(());
        }
        let (org, now) = (self.clone(), self.now());
        let actor = self.system().user;
        let loading = tokio::task::spawn_blocking(move || {
            metadata::load(org.store(), org.built_in(), actor, now)
        });
        loading.await.map_err(Error::internal)??;
        self.know_catalogue(version);
        self.forget(Forget::EVERYTHING);
        Ok(())
    }
}
