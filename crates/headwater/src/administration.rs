//! What an administrator does from the command line: as a task, so that it can be done here when no
//! server runs on the data directory, and by the server when one does.
//!
//! A second process must not write to a SQLite file that a server writes to. So there a running server takes tasks at a socket in its data directory, which only the
//! directory's owner can open; whoever can do that could read the database as well, so no further
//! password is asked.

mod apps;
mod backup;
mod channels;
mod health;
mod metadata;
mod people;
mod refusal;
mod rows;
#[cfg(unix)]
mod socket;

use headwater_records::Org;
use serde::{Deserialize, Serialize};

use crate::configuration::Configuration;
use crate::failure::{Context as _, Outcome};
use crate::opening::Opened;

pub use apps::{AddedApp, AppLine, NewApp};
pub use backup::BackedUp;
pub use channels::{CarrierSays, ChannelConnection, ChannelLine};
pub use health::DatabaseHealth;
pub use metadata::{Loaded, SourceFile};
pub use people::{
    NewUser, UserLine, UserMade, add_user, is_unpeopled, made_up_password, set_password,
};
pub use refusal::{refused, refused_login};
pub use rows::{id_of, rows};
#[cfg(unix)]
pub use socket::Control;

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Task {
    /// Make a user.
    AddUser(NewUser),
    /// Set a password; none: make one up.
    SetPassword {
        /// Whose.
        username: String,
        /// The password.
        password: Option<String>,
    },
    /// List the users.
    ListUsers,
    /// Give out an access token.
    IssueToken {
        /// Whose.
        username: String,
    },
    /// Make a connected app.
    AddApp(NewApp),
    /// List the connected apps.
    ListApps,
    /// Connect a channel to a carrier.
    ConnectChannel {
        /// The account there.
        connection: ChannelConnection,
        /// Where carriers reach the server.
        public_url: Option<String>,
    },
    /// List the messaging channels.
    ListChannels {
        /// Where carriers reach the server.
        public_url: Option<String>,
    },
    /// Ask a channel's carrier who we are there.
    CheckChannel {
        /// The channel's name for programs.
        channel: String,
        /// Where carriers reach the server.
        public_url: Option<String>,
    },
    /// Send a test.
    TestChannel {
        /// The channel's name for programs.
        channel: String,
        /// The address.
        to: String,
    },
    /// Load custom metadata.
    LoadMetadata {
        /// The source files.
        files: Vec<SourceFile>,
        /// Whether to leave out what cannot be here.
        skip_unsupported: bool,
    },
    /// Copy the database.
    Backup {
        /// To where: a whole path.
        file: std::path::PathBuf,
    },
    /// Look the database over.
    CheckDatabase {
        /// Whether to make the search indexes anew first.
        renew_search: bool,
    },
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// A user that was made, or whose password was set.
    User(UserMade),
    /// The users.
    Users(Vec<UserLine>),
    /// An access token.
    Token(IssuedToken),
    /// An app that was made.
    App(AddedApp),
    /// The apps.
    Apps(Vec<AppLine>),
    /// A channel that was connected.
    Channel(Box<ChannelLine>),
    /// The channels.
    Channels(Vec<ChannelLine>),
    /// What a carrier says.
    Carrier(CarrierSays),
    /// What became of each object and field.
    Metadata(Vec<Loaded>),
    /// A copy.
    Backup(BackedUp),
    /// How the database is.
    Database(DatabaseHealth),
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IssuedToken {
    /// Opens the API.
    pub access_token: String,
    /// When it is over at the latest.
    pub expires_at: String,
}

/// Has a task done by the server of the data directory, or here when there is none, or when the
/// database is one that any number of processes share.
///
/// # Errors
/// What kept it from being done.
pub async fn perform(configuration: &Configuration, task: Task) -> Outcome<Answer> {
    #[cfg(unix)]
    if configuration.database.url.is_none()
        && let Some(answer) = socket::ask(&configuration.data.directory, &task).await?
    {
        return Ok(answer);
    }
    let opening = configuration.clone();
    let opened = tokio::task::spawn_blocking(move || Opened::of(&opening))
        .await
        .doing("cannot open the database")??;
    let answer = administer(&opened.org, task).await;
    opened.close();
    answer
}

/// Does a task in an open org, as the server itself.
///
/// # Errors
/// What kept it from being done; nothing is left half done but a metadata load, which can be
/// repeated.
pub async fn administer(org: &Org, task: Task) -> Outcome<Answer> {
    match task {
        Task::AddUser(user) => add_user(org, user).await.map(Answer::User),
        Task::SetPassword { username, password } => set_password(org, username, password)
            .await
            .map(Answer::User),
        Task::ListUsers => people::list(org).await.map(Answer::Users),
        Task::IssueToken { username } => people::token(org, &username).await.map(Answer::Token),
        Task::AddApp(app) => apps::add(org, app).await.map(Answer::App),
        Task::ListApps => apps::list(org).await.map(Answer::Apps),
        Task::ConnectChannel {
            connection,
            public_url,
        } => channels::connect(org, connection, public_url.as_deref())
            .await
            .map(Box::new)
            .map(Answer::Channel),
        Task::ListChannels { public_url } => channels::list(org, public_url.as_deref())
            .await
            .map(Answer::Channels),
        Task::CheckChannel {
            channel,
            public_url,
        } => channels::check(org, &channel, public_url.as_deref())
            .await
            .map(Answer::Carrier),
        Task::TestChannel { channel, to } => channels::send_test(org, &channel, &to)
            .await
            .map(Answer::Carrier),
        Task::LoadMetadata {
            files,
            skip_unsupported,
        } => metadata::load(org, &files, skip_unsupported)
            .await
            .map(Answer::Metadata),
        Task::CheckDatabase { renew_search } => {
            health::check(org, renew_search).await.map(Answer::Database)
        }
        Task::Backup { file } => backup::copy(org, file).await.map(Answer::Backup),
    }
}
