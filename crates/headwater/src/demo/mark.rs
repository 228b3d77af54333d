//! Whether a whole demo org was filled in, and its users' password: noted in the database, so that
//! every server on it knows. The password is kept as it is, so that each start can print it; it
//! guards made-up data.

use headwater_records::Org;
use serde::{Deserialize, Serialize};

use crate::administration::refused;
use crate::failure::{Context as _, Outcome};

/// The name of the note.
const NAME: &str = "demo";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) filled: bool,
    pub(super) password: String,
}

impl Mark {
    pub(super) async fn read(org: &Org) -> Outcome<Option<Self>> {
        let note = org.note(NAME).await.map_err(|error| refused(&error))?;
        let read = |note: String| serde_json::from_str(&note).doing("cannot read the demo's mark");
        note.map(read).transpose()
    }

    pub(super) async fn write(&self, org: &Org) -> Outcome {
        let note = serde_json::to_string(self).doing("cannot write the demo's mark")?;
        org.put_note(NAME, &note)
            .await
            .map_err(|error| refused(&error))
    }
}
