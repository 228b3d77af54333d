//! The file that says that a data directory holds a demo org, and how far it was filled. It keeps
//! the password as well, so that each start can print it: it guards nothing but made-up data.

use serde::{Deserialize, Serialize};

use crate::directory::{Directory, write_private};
use crate::failure::{Context as _, Outcome};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) filled: bool,
    pub(super) password: String,
}

impl Mark {
    pub(super) fn read(directory: &Directory) -> Outcome<Option<Self>> {
        let path = directory.demo_mark();
        let cannot = format!("cannot read {}", path.display());
        match std::fs::read_to_string(&path) {
            Ok(content) => serde_json::from_str(&content).map(Some).doing(cannot),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(cannot),
        }
    }

    pub(super) fn write(&self, directory: &Directory) -> Outcome {
        let path = directory.demo_mark();
        let content = serde_json::to_string(self).doing("cannot write the demo's mark")?;
        write_private(&path, &content).doing(format_args!("cannot write {}", path.display()))
    }
}
