//! `headwater serve`.

use std::time::Duration;

use headwater_records::Org;

#[cfg(unix)]
use crate::administration::Control;
use crate::administration::{NewUser, add_user, is_unpeopled};
use crate::arguments::{Common, Serve};
use crate::configuration::Configuration;
use crate::demo;
use crate::failure::{Context as _, Outcome};
use crate::logs;
use crate::opening::Opened;
use crate::server::{self, Door, Doors, certificate, check_demo};

/// Runs the server until it is told to end.
///
/// # Errors
/// What kept it from starting, or broke it.
pub fn run(common: &Common, arguments: &Serve) -> Outcome {
    let configuration = Configuration::load(common, arguments)?;
    check_demo(&configuration, arguments)?;
    logs::start(&configuration.log);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if configuration.server.worker_threads > 0 {
        builder.worker_threads(configuration.server.worker_threads);
    }
    let runtime = builder
        // Threads for long reads and password hashes go again soon after a burst.
        .thread_keep_alive(Duration::from_secs(5))
        .enable_all()
        .build()
        .doing("cannot start")?;
    runtime.block_on(start(&configuration, arguments.demo))
}

async fn start(configuration: &Configuration, is_demo: bool) -> Outcome {
    let opening = configuration.clone();
    let opened = tokio::task::spawn_blocking(move || Opened::of(&opening))
        .await
        .doing("cannot open the data directory")??;
    let served = serve(configuration, &opened, is_demo).await;
    tracing::info!("closing the database");
    opened.close();
    served
}

async fn serve(configuration: &Configuration, opened: &Opened, is_demo: bool) -> Outcome {
    let org = &opened.org;
    let certificate = certificate::of(&configuration.tls, &opened.directory, org.now()).await?;
    let doors = Doors::bind(configuration, certificate)?;
    let end = told_to_end().doing("cannot listen for signals")?;
    let people = if is_demo {
        let chosen = configuration.demo.password.as_deref();
        let password = demo::fill(org, chosen).await?;
        format!(
            "  demo      {}\n  password  {password}\n{}",
            demo::USERS.join(", "),
            links(org, &public_url(configuration, &doors)).await?
        )
    } else {
        first_administrator(org).await?
    };
    // With a database that is shared, commands go there by themselves.
    #[cfg(unix)]
    let _control = (!opened.is_shared()).then(|| listen(opened)).flatten();
    let urls = doors.urls().join(" ");
    let metrics = doors.metrics.as_ref().map(Door::url);
    let metrics = metrics.map(|url| format!("  metrics   {url}/metrics\n"));
    let metrics = metrics.unwrap_or_default();
    print!(
        "Headwater {}\n  data      {}\n{people}{metrics}headwater is ready: {urls}\n",
        env!("CARGO_PKG_VERSION"),
        opened.directory.path().display(),
    );
    tracing::info!(urls, "ready");
    server::serve(org.clone(), doors, configuration, end).await
}

/// Where people reach this server.
fn public_url(configuration: &Configuration, doors: &Doors) -> String {
    let configured = configuration.server.public_url.clone();
    let bound = doors.public.first().map(Door::url);
    configured.or(bound).unwrap_or_default()
}

/// Lines with links that log in to the console, for who tries the demo.
async fn links(org: &Org, url: &str) -> Outcome<String> {
    let minutes = org.login_settings().authorization_code_seconds_max / 60;
    let links = demo::links(org).await?;
    let shown = links.iter().map(|(username, code)| {
        format!(
            "  open      {url}/secur/frontdoor.jsp?otp={}  (as {username}, once, within {minutes} \
             minutes)\n",
            code.expose()
        )
    });
    let chat = format!("  chat      {url}/chat/Web_Chat  (as a customer)\n");
    Ok(shown.chain([chat]).collect())
}

/// Takes commands on the data directory.
#[cfg(unix)]
fn listen(opened: &Opened) -> Option<Control> {
    let listening = Control::listen(&opened.directory, opened.org.clone());
    let warned = listening.inspect_err(|error| {
        let path = opened.directory.control();
        tracing::warn!(
            %error,
            path = %path.display(),
            "no socket for commands: user, app, metadata and backup need the server stopped"
        );
    });
    warned.ok()
}

/// A new database has nobody who could log in, so it gets an administrator. The password is shown
/// this once.
async fn first_administrator(org: &Org) -> Outcome<String> {
    let turn = org.store().turn("administrator").await;
    let _turn = turn.doing("the database does not answer")?;
    if !is_unpeopled(org).await? {
        return Ok(String::new());
    }
    let administrator = NewUser {
        username: demo::USERS[0].to_owned(),
        name: Some("Administrator".to_owned()),
        email: None,
        profile: "System Administrator".to_owned(),
        permission_sets: Vec::new(),
        password: None,
    };
    let made = add_user(org, administrator).await?;
    let password = made.password.unwrap_or_default();
    Ok(format!(
        "  admin     {} was made for this new database\n  password  {password}  (shown only now; \
         change it with: headwater user password {})\n",
        made.username, made.username
    ))
}

/// Resolves at SIGTERM or Ctrl-C. Listening begins at once, so that none is missed meanwhile.
#[cfg(unix)]
pub(crate) fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: finishing what is in flight"),
            _ = interrupt.recv() => tracing::info!("Ctrl-C: finishing what is in flight"),
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn told_to_end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a signal to wait for, the process is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
