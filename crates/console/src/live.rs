//! Pages that are open are told when a record that they show has changed.
//!
//! One task of a node reads the change log and tells each page's stream which of its records were
//! touched; nothing is sent but ids that the page has shown. The page then asks for itself again. Who writes
//! in a session, and who looks at it, goes the same way (`live/signs.rs`).

mod signs;

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use headwater_catalogue::{Id, Name};
use headwater_messaging::{Messaging, Sign};
use headwater_records::{Notice, Org};
use tokio::sync::mpsc;

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::visitor::Visitor;
use signs::Attendance;

/// Most records and objects that one page watches.
const WATCHED_MAX: usize = 250;

/// Changes that wait for one page. A page that is further behind is told that it has missed some.
const WAITING_MAX: usize = 64;

/// A quiet stream says now and then that it is still there, so that nothing in between ends it.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// A stream ends after this, so that rights taken away meanwhile count for the next one.
pub(crate) const STREAM_TIME_MAX: Duration = Duration::from_mins(10);

/// How long the reader of the log waits when the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Most changes that a page that comes back is told one by one; beyond, it is told that there were.
const MISSED_MAX: i64 = 1_000;

/// What a page is told.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Change(Change),
    Sign(Sign),
}

/// What of a page has changed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    replay_id: i64,
    records: Vec<Id>,
    objects: Vec<Name>,
}

/// A page that is open.
#[derive(Debug)]
struct Listener {
    objects: HashSet<Name>,
    records: Vec<Id>,
    tell: mpsc::Sender<Told>,
}

#[derive(Debug, Default)]
struct Listeners {
    next: u64,
    pages: HashMap<u64, Listener>,
    /// Which pages show a record.
    by_record: HashMap<Id, Vec<u64>>,
    /// How many pages of a user attend a session: one that is loaded again is there twice for a moment.
    attending: HashMap<(Id, Id), usize>,
}

/// All open pages of this node. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    listeners: Arc<Mutex<Listeners>>,
    open: Arc<AtomicUsize>,
    pages_max: usize,
}

/// A page's place among the listeners, left when it is dropped.
pub(crate) struct Seat {
    feed: Feed,
    number: u64,
}

impl Feed {
    /// Begins to read the change log. Ends with the store.
    pub(crate) fn start(messaging: Messaging, pages_max: usize) -> Self {
        let feed = Self {
            listeners: Arc::default(),
            open: Arc::default(),
            pages_max,
        };
        tokio::spawn(feed.clone().read(messaging.org().clone()));
        tokio::spawn(feed.clone().tell_signs(messaging));
        feed
    }

    async fn read(self, org: Org) {
        let mut newest = org.newest_change();
        let mut after = *newest.borrow_and_update();
        while newest.changed().await.is_ok() {
            let until = *newest.borrow_and_update();
            if self.open.load(Ordering::Relaxed) == 0 {
                after = until;
                continue;
            }
            while after < until {
                match org.notices(after).await {
                    Ok(notices) => {
                        after = notices.last().map_or(until, |last| last.replay_id);
                        self.tell(&notices);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "open pages cannot be told of changes now");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        }
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        let listeners = self.listeners.lock();
        listeners.unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells each page what of these it shows.
    fn tell(&self, notices: &[Notice]) {
        let mut listeners = self.listeners();
        let mut told: HashMap<u64, Change> = HashMap::new();
        for notice in notices {
            let touched = std::iter::once(&notice.record).chain(&notice.parents);
            for record in touched {
                for page in listeners.by_record.get(record).into_iter().flatten() {
                    note(&mut told, *page, notice).records.push(*record);
                }
            }
            for (page, listener) in &listeners.pages {
                if listener.objects.contains(&notice.object) {
                    note(&mut told, *page, notice)
                        .objects
                        .push(notice.object.clone());
                }
            }
        }
        for (page, told) in told {
            let listener = listeners.pages.get(&page);
            let is_lost =
                listener.is_some_and(|page| page.tell.try_send(Told::Change(told)).is_err());
            if is_lost {
                // It does not read; its stream ends, and when it comes back it is told the rest.
                listeners.leave(page);
            }
        }
    }

    /// Takes a place for a page that shows these; none when all are taken.
    pub(crate) fn sit(
        &self,
        records: Vec<Id>,
        objects: HashSet<Name>,
    ) -> Option<(Seat, mpsc::Receiver<Told>)> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.pages_max {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let (tell, told) = mpsc::channel(WAITING_MAX);
        let mut listeners = self.listeners();
        let number = listeners.next;
        listeners.next += 1;
        for record in &records {
            listeners.by_record.entry(*record).or_default().push(number);
        }
        listeners.pages.insert(
            number,
            Listener {
                objects,
                records,
                tell,
            },
        );
        Some((
            Seat {
                feed: self.clone(),
                number,
            },
            told,
        ))
    }
}

fn note<'t>(told: &'t mut HashMap<u64, Change>, page: u64, notice: &Notice) -> &'t mut Change {
    let told = told.entry(page).or_insert_with(|| Change {
        replay_id: notice.replay_id,
        records: Vec::new(),
        objects: Vec::new(),
    });
    told.replay_id = notice.replay_id;
    told
}

impl Listeners {
    fn leave(&mut self, page: u64) {
        let Some(listener) = self.pages.remove(&page) else {
            return;
        };
        for record in listener.records {
            if let Some(pages) = self.by_record.get_mut(&record) {
                pages.retain(|known| *known != page);
                if pages.is_empty() {
                    self.by_record.remove(&record);
                }
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut listeners = self.feed.listeners();
        listeners.leave(self.number);
        self.feed.open.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/live", get(live))
}

/// The stream of one page: `ids` and `objects` it shows, and the change `after` which it was made.
async fn live(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let (records, objects) = watched(&console, &visitor, &form).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last
        .or(form.get("after"))
        .and_then(|id| id.parse::<i64>().ok());
    let Some((seat, told)) = console.feed.sit(records.clone(), objects.clone()) else {
        let text =
            "So many pages are open that this one is not told of changes. Reload it to see them.";
        return Err(Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Not live",
            text,
        ));
    };
    // Whatever was written until now is looked up; what comes from now on is told to the seat.
    let until = *console.org.newest_change().borrow();
    let missed = missed(&console, after, until, &records, &objects).await?;
    let attending = form.filled("attends");
    let attending = Attendance::begin(&console, &visitor.caller, attending).await?;
    let stream = events(seat, told, missed, attending);
    Ok(Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response())
}

/// What the page may watch of what it asks for.
async fn watched(
    console: &Console,
    visitor: &Visitor,
    form: &Form,
) -> Result<(Vec<Id>, HashSet<Name>), Fault> {
    let words = |name: &str| {
        let text = form.get(name).unwrap_or_default();
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        words
            .take(WATCHED_MAX)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let ids: Vec<Id> = words("ids")
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect();
    let records = console.org.watchable(&visitor.caller, &ids).await?;
    let objects = words("objects");
    let objects = objects
        .iter()
        .filter(|name| console.org.sees_all(&visitor.caller, name));
    let catalogue = &visitor.caller.rights.catalogue;
    let objects = objects.filter_map(|name| Some(catalogue.object(name)?.name.clone()));
    Ok((records, objects.collect()))
}

/// What has changed of it since the page was made.
async fn missed(
    console: &Console,
    after: Option<i64>,
    until: i64,
    records: &[Id],
    objects: &HashSet<Name>,
) -> Result<Option<Change>, Fault> {
    let Some(after) = after.filter(|after| *after < until) else {
        return Ok(None);
    };
    let everything = Change {
        replay_id: until,
        records: records.to_vec(),
        objects: objects.iter().cloned().collect(),
    };
    if until - after > MISSED_MAX {
        return Ok(Some(everything));
    }
    let notices = console.org.notices(after).await?;
    // The log has no gaps; it may hold no more what came first.
    if notices
        .first()
        .is_none_or(|first| first.replay_id != after + 1)
    {
        return Ok(Some(everything));
    }
    let shows = |notice: &Notice| {
        let mut touched = std::iter::once(&notice.record).chain(&notice.parents);
        objects.contains(&notice.object) || touched.any(|record| records.contains(record))
    };
    Ok(notices.iter().any(shows).then_some(everything))
}

fn events(
    seat: Seat,
    told: mpsc::Receiver<Told>,
    missed: Option<Change>,
    attending: Option<Attendance>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let end = tokio::time::Instant::now() + STREAM_TIME_MAX;
    stream::unfold(
        (seat, told, missed, attending),
        move |(seat, mut told, missed, mut attending)| async move {
            let next = match (missed, &mut attending) {
                (Some(missed), _) => Some(Told::Change(missed)),
                (None, None) => soon(told.recv(), end).await,
                (None, Some(attending)) => soon(attending.hear(&mut told), end).await,
            };
            next.map(|next| (Ok(event(&next)), (seat, told, None, attending)))
        },
    )
}

/// What comes before the stream's end.
async fn soon(next: impl Future<Output = Option<Told>>, end: tokio::time::Instant) -> Option<Told> {
    tokio::time::timeout_at(end, next).await.ok().flatten()
}

fn event(told: &Told) -> Event {
    let told = match told {
        Told::Change(told) => told,
        Told::Sign(sign) => return signs::event(sign),
    };
    let records: Vec<_> = told.records.iter().map(Id::as_str).collect();
    let data = serde_json::json!({ "records": records, "objects": told.objects });
    Event::default()
        .event("change")
        .id(told.replay_id.to_string())
        .data(data.to_string())
}
