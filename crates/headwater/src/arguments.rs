//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::command;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 something broke; 2 wrong command line; 3 wrong configuration; \
4 the data directory is in use; 5 refused (no such record, no right, bad value); \
6 the server cannot be reached; 7 a check found problems.";

/// A record system for messaging that speaks Salesforce's APIs.
#[derive(Debug, Parser)]
#[command(name = "headwater", version, after_help = EXIT_CODES, propagate_version = true)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The configuration file. Without it, `headwater.toml` in this directory is read if it is
    /// there.
    #[arg(long, global = true, value_name = "FILE", env = "HEADWATER_CONFIG")]
    pub config: Option<PathBuf>,
    /// The directory with the database, keys and certificates.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A PostgreSQL database, instead of SQLite in the data directory. With a password in it, better
    /// in the environment as `HEADWATER_DATABASE__URL`: other users of the machine see this one.
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Print answers as JSON, for scripts.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server.
    Serve(Serve),
    /// Link messaging users to another account or contact, so that all their sessions follow.
    Relink(command::relink::Relink),
    /// Show which fields may be edited, which may not, why, and where to edit instead.
    Fields(command::fields::Fields),
    /// Make users, set their passwords, list them.
    #[command(subcommand)]
    User(User),
    /// Print an access token, for scripts.
    Token(Token),
    /// Make and list connected apps: the clients that log in with an id of their own.
    #[command(subcommand)]
    App(App),
    /// Connect messaging channels to carriers, check the connections, list them.
    #[command(subcommand)]
    Channel(command::channel::Channel),
    /// Load custom objects and fields from an SFDX project.
    #[command(subcommand)]
    Metadata(Metadata),
    /// Check configuration, data directory and database, and print what was found.
    Doctor(Doctor),
    /// Copy the database, also while the server runs, and check the copy.
    Backup(Backup),
    /// Move a whole org from one database to another, SQLite or PostgreSQL.
    Migrate(command::migrate::Migrate),
    /// Lead programs that insist on Salesforce's own addresses to the server.
    Proxy(command::proxy::Proxy),
}

/// `headwater doctor`.
#[derive(Debug, Default, Args)]
pub struct Doctor {
    /// Make the search indexes anew first, from the records as they are.
    #[arg(long)]
    pub renew_search: bool,
}

/// `headwater serve`.
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Fill a new database with a believable demo org and three users.
    #[arg(long)]
    pub demo: bool,
    /// Let `--demo` listen where other machines reach it. Its users and data are made up, and its
    /// password is printed on the terminal.
    #[arg(long, requires = "demo")]
    pub demo_exposed_and_i_understand: bool,
    /// Address and port for HTTP.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Address and port for HTTPS. Without it, HTTPS takes the place of HTTP on `--listen`.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen_tls: Option<SocketAddr>,
    /// The certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Serve HTTPS with a certificate made here and kept in the data directory.
    #[arg(long, conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,
    /// The address clients reach the server by, when it is not the one they asked.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
}

/// `headwater user …`.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user.
    Add(AddUser),
    /// Set a user's password. Their sessions end.
    Password(SetPassword),
    /// List the users.
    List,
}

/// `headwater user add`.
#[derive(Debug, Args)]
pub struct AddUser {
    /// The username, in the form of a mail address.
    pub username: String,
    /// Their name for people.
    #[arg(long)]
    pub name: Option<String>,
    /// Their mail address, when the username is not it.
    #[arg(long)]
    pub email: Option<String>,
    /// Their profile.
    #[arg(long, default_value = "Support Agent")]
    pub profile: String,
    /// Permission sets to give them, by name.
    #[arg(long = "permission-set", value_name = "NAME")]
    pub permission_sets: Vec<String>,
    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordSource,
}

/// `headwater user password`.
#[derive(Debug, Args)]
pub struct SetPassword {
    /// The username.
    pub username: String,
    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordSource,
}

/// Where a new password comes from. Never from the command line itself, which other users of the
/// machine can see.
#[derive(Debug, Clone, Copy, Args)]
#[group(multiple = false)]
pub struct PasswordSource {
    /// Make a password and print it.
    #[arg(long)]
    pub generate: bool,
    /// Read the password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// `headwater token`: from the data directory's own server or database, so without a password.
#[derive(Debug, Args)]
pub struct Token {
    /// Whose token.
    #[arg(long, value_name = "USERNAME")]
    pub user: String,
}

/// `headwater app …`.
#[derive(Debug, Subcommand)]
pub enum App {
    /// Make a connected app and print its client id, and its secret if it gets one.
    Add(AddApp),
    /// List the connected apps.
    List,
}

/// `headwater app add`.
#[derive(Debug, Args)]
pub struct AddApp {
    /// What it is called.
    pub name: String,
    /// Where the authorization code may be sent; give it again for several.
    #[arg(long = "callback", value_name = "URL")]
    pub callbacks: Vec<String>,
    /// A certificate (PEM) whose key signs the app's JWT bearer assertions.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// It cannot keep a secret, so it gets none.
    #[arg(long)]
    pub public: bool,
    /// The user it runs as in the client credentials flow.
    #[arg(long, value_name = "USERNAME")]
    pub run_as: Option<String>,
}

/// `headwater metadata …`.
#[derive(Debug, Subcommand)]
pub enum Metadata {
    /// Make or change custom objects and fields as the files of an SFDX project describe them.
    Load {
        /// The source directory; `objects` lies in it or further down.
        directory: PathBuf,
        /// Load what can be loaded and list the rest. Without it, nothing is loaded when the
        /// project holds what is not here: formulas, objects of other products.
        #[arg(long)]
        skip_unsupported: bool,
    },
}

/// `headwater backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Where the copy goes. The file must not exist yet.
    pub file: PathBuf,
}
