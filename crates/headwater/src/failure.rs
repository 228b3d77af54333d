//! Why a command ended without having done its work, and the exit code that says so to scripts.

use std::fmt;
use std::process::ExitCode;

/// What a script can tell apart. The numbers are a promise: they do not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 1: something broke: a file, the network, ourselves.
    Broken = 1,
    /// 2: the command line is wrong. clap ends with this number as well.
    Usage = 2,
    /// 3: the configuration is wrong.
    Configuration = 3,
    /// 4: another process has the data directory.
    InUse = 4,
    /// 5: the request was understood and refused: no such record, no right, a bad value.
    Refused = 5,
    /// 6: the server cannot be reached.
    Unreachable = 6,
    /// 7: a check found problems, each printed above.
    ProblemsFound = 7,
}

/// A command's failure: what to tell the person, and what to tell the script.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
}

impl Failure {
    /// A failure of this kind. The message says what happened and what to do about it.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Something broke.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::new(Kind::Broken, message)
    }

    /// The command line asks for what cannot be.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The request was understood and refused.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Prints it where errors go, and turns it into the process's end.
    pub fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            eprintln!("headwater: {}", self.message);
        }
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The answer of every command.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Says what was being done when something below failed.
pub trait Context<T> {
    /// As a broken thing, with the cause after the words.
    ///
    /// # Errors
    /// The failure, if there was one.
    fn doing(self, what: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn doing(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|cause| Failure::broken(format!("{what}: {cause}")))
    }
}
