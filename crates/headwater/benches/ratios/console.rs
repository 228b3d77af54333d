//! The console on the large org, in process: a session's page against the REST read of the same
//! record, and how soon a relink has reached 200 open pages.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use headwater_catalogue::Id;
use headwater_console::{Console, ConsoleSettings};
use headwater_messaging::Messaging;
use headwater_records::login::{Grant, Scopes};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Draft, Org};
use headwater_rest::{RestSettings, RestState};
use tower::ServiceExt as _;

use crate::median;
use crate::table::{Table, Target};
use crate::world;

const PAGES: usize = 300;
const OPEN_PAGES: usize = 200;
const RELINKS: u32 = 10;

/// Somebody at both doors.
struct Visitor {
    console: Router,
    rest: Router,
    cookie: String,
    token: String,
}

pub fn console(table: &mut Table) -> Result<()> {
    let world = world::build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let visitor = visitor(&world.org).await?;
        first_response(table, &visitor).await?;
        relink_reaches_pages(table, &visitor, &world.org).await
    })
}

async fn visitor(org: &Org) -> Result<Visitor> {
    let system = org.system();
    let profiles = "SELECT Id FROM Profile WHERE Name = 'System Administrator'";
    let profile = org.browse(&system, profiles, None, 1).await?;
    let profile = profile
        .first()
        .and_then(|row| row.id("Id"))
        .context("a profile")?;
    let user = Draft::new()
        .with("Username", "bench@headwater.example")
        .with("LastName", "Bench")
        .with("Alias", "bench")
        .with("Email", "bench@headwater.example")
        .with("ProfileId", profile)
        .with("TimeZoneSidKey", "America/New_York")
        .with("LocaleSidKey", "en_US")
        .with("LanguageLocaleKey", "en_US")
        .with("EmailEncodingKey", "UTF-8");
    let user = org.create(&system, "User", user).await?;
    let link = org.login_link(user).await?;
    let session = org.redeem_login_link(link.expose()).await?;
    let scopes = Scopes::parse("api");
    let token = org
        .issue_token(&Grant {
            user,
            app: None,
            scopes,
        })
        .await?;
    Ok(Visitor {
        console: headwater_console::router(Console::new(
            Messaging::new(org.clone()),
            ConsoleSettings::default(),
        )),
        rest: headwater_rest::router(RestState::new(
            Messaging::new(org.clone()),
            RestSettings::default(),
        )),
        cookie: format!("headwater-session={}", session.access_token.expose()),
        token: format!("Bearer {}", token.access_token.expose()),
    })
}

impl Visitor {
    async fn page(&self, path: &str) -> Result<Response> {
        let request = Request::get(path)
            .header("cookie", &self.cookie)
            .body(Body::empty())?;
        answered(&self.console, request).await
    }

    async fn record(&self, path: &str) -> Result<Response> {
        let request = Request::get(path)
            .header("authorization", &self.token)
            .body(Body::empty())?;
        answered(&self.rest, request).await
    }
}

async fn answered(router: &Router, request: Request<Body>) -> Result<Response> {
    let path = request.uri().clone();
    let response = router.clone().oneshot(request).await?;
    ensure!(
        response.status().is_success(),
        "{path} answered {}",
        response.status()
    );
    Ok(response)
}

async fn whole(response: Response) -> Result<usize> {
    Ok(axum::body::to_bytes(response.into_body(), usize::MAX)
        .await?
        .len())
}

/// Sessions all over the table, each looked at once by either door.
async fn first_response(table: &mut Table, visitor: &Visitor) -> Result<()> {
    let (mut pages, mut records) = (Vec::new(), Vec::new());
    for place in 0..PAGES {
        let session = session(place);
        let began = Instant::now();
        let bytes = whole(
            visitor
                .page(&format!("/r/MessagingSession/{session}"))
                .await?,
        )
        .await?;
        pages.push(began.elapsed().as_secs_f64());
        ensure!(bytes > 5_000, "a page of {bytes} bytes");
        let path = format!("/services/data/v67.0/sobjects/MessagingSession/{session}");
        let began = Instant::now();
        whole(visitor.record(&path).await?).await?;
        records.push(began.elapsed().as_secs_f64());
    }
    let (page, record) = (median(pages), median(records));
    let milliseconds = |seconds: f64| format!("{:.2} ms", seconds * 1e3);
    table.line(
        "console: a session's page among 1,000,000 sessions, in process (against the REST read)",
        milliseconds(page),
        milliseconds(record),
        page * 1e3,
        Target::AtMost(10.0),
    );
    table.line(
        "console: the same page, as times the REST read of the record",
        milliseconds(page),
        milliseconds(record),
        page / record,
        Target::AtMost(100.0),
    );
    Ok(())
}

/// All pages show sessions of one Messaging User; each is told, and asks for itself again.
async fn relink_reaches_pages(table: &mut Table, visitor: &Visitor, org: &Org) -> Result<()> {
    let user = world::id("0PA", world::USERS_OF_LARGE + 1);
    let query = format!("SELECT Id FROM MessagingSession WHERE MessagingEndUserId = '{user}'");
    let sessions = org.browse(&org.system(), &query, None, 100).await?;
    let sessions: Vec<Id> = sessions.rows().filter_map(|row| row.id("Id")).collect();
    ensure!(
        sessions.len() == 100,
        "the small account's user has a hundred sessions"
    );
    let after = *org.newest_change().borrow();
    let mut streams = Vec::new();
    for place in 0..OPEN_PAGES {
        let session = sessions[place % sessions.len()];
        let path = format!("/live?ids={session},{user}&after={after}");
        let stream = visitor.page(&path).await?.into_body().into_data_stream();
        streams.push((session, stream));
    }
    let mut times = Vec::new();
    for turn in 0..RELINKS {
        let account = world::id("001", 100 + turn);
        let began = Instant::now();
        let request = RelinkRequest {
            messaging_users: vec![user.to_string()],
            account: Change::Set(account.to_string()),
            ..RelinkRequest::default()
        };
        org.relink(&org.system(), request).await?;
        let following = streams
            .iter_mut()
            .map(|(session, stream)| follows(visitor, *session, stream));
        try_join_all(following).await?;
        times.push(began.elapsed().as_secs_f64());
    }
    let seconds = median(times);
    table.line(
        "console: a relink to 200 open pages, told and shown anew",
        format!("{:.0} ms", seconds * 1e3),
        "–".to_owned(),
        seconds,
        Target::AtMost(1.0),
    );
    Ok(())
}

async fn follows(visitor: &Visitor, session: Id, stream: &mut BodyDataStream) -> Result<()> {
    let told = tokio::time::timeout(Duration::from_secs(10), async {
        while let Some(chunk) = stream.next().await {
            if chunk?.starts_with(b"event: change") {
                return Ok(());
            }
        }
        anyhow::bail!("the stream has ended")
    });
    told.await??;
    whole(
        visitor
            .page(&format!("/r/MessagingSession/{session}"))
            .await?,
    )
    .await?;
    Ok(())
}

fn session(place: usize) -> Id {
    let number = 1 + (place as u32 * 3_331) % 900_000;
    world::id("0Mw", number)
}
