//! Who writes in a session just now, and who of those who work here looks at it, for the pages that show it.
//!
//! A page whose visitor works in a session attends it as long as its stream lasts, which it does while somebody
//! can see the page. It says so when it begins, every few seconds, and when it ends; and again when somebody
//! else comes, so that they know at once who is there.

use std::time::Duration;

use axum::response::sse::Event;
use headwater_catalogue::Id;
use headwater_messaging::{Doing, Error, Messaging, Sign, Signer};
use headwater_records::Caller;
use tokio::sync::mpsc;
use tokio::time::{Interval, interval};

use super::{Feed, Told};
use crate::console::Console;
use crate::fault::Fault;

/// How often it is said again that somebody looks; pages forget whoever does not for two and a half times
/// as long (`script/signs.ts`).
const LOOKS_EVERY: Duration = Duration::from_secs(10);

impl Feed {
    /// Tells the pages of a session what somebody does there. Ends with the database.
    pub(super) async fn tell_signs(self, messaging: Messaging) {
        let mut signs = messaging.signs();
        drop(messaging);
        while let Some(sign) = signs.next().await {
            self.tell_sign(&sign);
        }
    }

    fn tell_sign(&self, sign: &Sign) {
        let listeners = self.listeners();
        let pages = listeners.by_record.get(&sign.session).into_iter().flatten();
        for page in pages.filter_map(|page| listeners.pages.get(page)) {
            // A page that does not keep up can do without.
            let _ = page.tell.try_send(Told::Sign(sign.clone()));
        }
    }
}

/// That somebody looks at a session, until this is dropped.
pub(super) struct Attendance {
    console: Console,
    caller: Caller,
    session: Id,
    again: Interval,
}

impl Attendance {
    /// Begins to attend a session, if a page names one that its visitor may work in.
    pub(super) async fn begin(
        console: &Console,
        caller: &Caller,
        session: Option<&str>,
    ) -> Result<Option<Self>, Fault> {
        let Some(session) = session.and_then(|session| session.parse::<Id>().ok()) else {
            return Ok(None);
        };
        let comes = console
            .messaging
            .agent_does(caller, session.as_str(), Doing::Comes);
        match comes.await {
            Ok(()) => {}
            // Whoever only reads is in nobody's way.
            Err(Error::Records(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let mut again = interval(LOOKS_EVERY);
        again.reset();
        let attendance = Self {
            console: console.clone(),
            caller: caller.clone(),
            session,
            again,
        };
        attendance.count(|pages| pages + 1);
        Ok(Some(attendance))
    }

    /// What the page is told next. It is said meanwhile that its visitor looks.
    pub(super) async fn hear(&mut self, told: &mut mpsc::Receiver<Told>) -> Option<Told> {
        loop {
            tokio::select! {
                told = told.recv() => {
                    if let Some(Told::Sign(sign)) = &told
                        && self.is_greeted_by(sign)
                    {
                        self.say(Doing::Looks).await;
                    }
                    return told;
                }
                _ = self.again.tick() => self.say(Doing::Looks).await,
            }
        }
    }

    fn is_greeted_by(&self, sign: &Sign) -> bool {
        let is_me = matches!(&sign.by, Signer::Agent { id, .. } if *id == self.caller.user);
        sign.session == self.session && sign.does == Doing::Comes && !is_me
    }

    async fn say(&self, does: Doing) {
        let session = self.session.as_str();
        // Whoever may not work in it any more is told so by what they do next.
        let messaging = &self.console.messaging;
        let _ = messaging.agent_does(&self.caller, session, does).await;
    }

    /// How many pages of the visitor attend the session after a change of that.
    fn count(&self, change: impl Fn(usize) -> usize) -> usize {
        let mut listeners = self.console.feed.listeners();
        let whose = (self.caller.user, self.session);
        let pages = change(listeners.attending.remove(&whose).unwrap_or_default());
        if pages > 0 {
            listeners.attending.insert(whose, pages);
        }
        pages
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        if self.count(|pages| pages.saturating_sub(1)) > 0 {
            return;
        }
        let messaging = self.console.messaging.clone();
        let (caller, session) = (self.caller.clone(), self.session);
        // While the server ends there is nobody to be told.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let session = session.as_str();
                let _ = messaging.agent_does(&caller, session, Doing::Leaves).await;
            });
        }
    }
}

/// It has no id: it is not told again.
pub(super) fn event(sign: &Sign) -> Event {
    let (user, name) = match &sign.by {
        Signer::Customer => (None, None),
        Signer::Agent { id, name } => (Some(id.as_str()), Some(name)),
    };
    let data = serde_json::json!({
        "session": sign.session.as_str(), "user": user, "name": name, "does": sign.does.word(),
    });
    Event::default().event("sign").data(data.to_string())
}
