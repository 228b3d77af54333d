//! Which server a command talks to, and as whom.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use headwater_relink::{Client, Credentials, Error, Server};

use crate::failure::{Context as _, Failure, Kind, Outcome};

const PASSWORD: &str = "HEADWATER_PASSWORD";

/// Which server a command talks to, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// The server's address.
    #[arg(
        long,
        value_name = "URL",
        env = "HEADWATER_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    url: String,
    /// An access token. Better in the environment, where other users of the machine do not see it.
    #[arg(
        long,
        env = "HEADWATER_TOKEN",
        hide_env_values = true,
        conflicts_with = "username"
    )]
    token: Option<String>,
    /// Log in as this user, with the password in `HEADWATER_PASSWORD`, or asked for. A token wins.
    #[arg(long, env = "HEADWATER_USERNAME")]
    username: Option<String>,
    /// Certificates to trust beside the system's, PEM: the server's own when it signed it itself.
    #[arg(long, value_name = "FILE", env = "HEADWATER_CA_FILE")]
    ca_file: Option<PathBuf>,
}

impl Connection {
    /// Logs in, or takes the token.
    ///
    /// # Errors
    /// That it says neither who nor with what, or the server's refusal.
    pub async fn open(self) -> Outcome<Client> {
        // Installing it a second time fails and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificates = match &self.ca_file {
            Some(file) => {
                Some(std::fs::read(file).doing(format_args!("reading {}", file.display()))?)
            }
            None => None,
        };
        let server =
            Server::new(&self.url, certificates.as_deref()).map_err(|error| failure(&error))?;
        match (self.token, self.username) {
            (Some(token), _) => Ok(server.with_token(token)),
            (None, Some(username)) => {
                let password = password_of(&username)?;
                let who = Credentials { username, password };
                server.log_in(&who).await.map_err(|error| failure(&error))
            }
            (None, None) => Err(Failure::usage(
                "say who you are: --username NAME (the password is asked for, or taken from \
                 HEADWATER_PASSWORD), or an access token in HEADWATER_TOKEN",
            )),
        }
    }
}

/// The client's error as this program's.
pub fn failure(error: &Error) -> Failure {
    let kind = match error {
        Error::Address { .. } => Kind::Usage,
        Error::Unreachable { .. } => Kind::Unreachable,
        Error::LoginRefused(_)
        | Error::TokenRefused
        | Error::Refused { .. }
        | Error::NotThere(_)
        | Error::NothingFound { .. }
        | Error::SeveralFound { .. } => Kind::Refused,
        Error::Certificates(_) | Error::NotUnderstood { .. } => Kind::Broken,
    };
    Failure::new(kind, error.to_string())
}

fn password_of(username: &str) -> Outcome<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "there is no terminal to ask for the password of {username}: set {PASSWORD}"
        )));
    }
    rpassword::prompt_password(format!("Password of {username}: ")).doing("reading the password")
}

/// Prints an answer as JSON.
///
/// # Errors
/// That it cannot be written.
pub fn print_json(answer: &impl serde::Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(answer).doing("writing the answer")?;
    println!("{text}");
    Ok(())
}
