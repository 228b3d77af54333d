//! The org: the one value that every verb is a method of.

use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_catalogue::{Catalogue, Id};
use headwater_store::{Committed, Store, WriteError, WriteSet};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::caller::{Caller, Rights};
use crate::callers::{self, CallerCache};
use crate::clock::{Clock, Randomness};
use crate::error::Error;
use crate::login::{self, Login, LoginSettings};
use crate::{metadata, seed};

/// An organization and everything in it. Cheap to clone; all clones are the same org.
#[derive(Debug, Clone)]
pub struct Org {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    organization: Id,
    server_user: Id,
    administrator: Id,
    /// Metadata is changed by one at a time: each makes the next catalogue from the present one.
    metadata: tokio::sync::Mutex<()>,
    server_rights: ArcSwap<Rights>,
    callers: CallerCache,
    login: Login,
}

impl Org {
    /// Opens the org that the store holds: reads its custom metadata, and fills a new database
    /// with the organization, the shipped profiles and permission sets, and the server's user.
    ///
    /// Blocks, so not to be called on an async worker.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, Error> {
        Self::open_with(store, clock, randomness, LoginSettings::default())
    }

    /// As [`Org::open`], with limits of one's own on logging in.
    ///
    /// # Errors
    /// As [`Org::open`].
    pub fn open_with(
        store: Store,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        settings: LoginSettings,
    ) -> Result<Self, Error> {
        let now = clock.now();
        // Of several who find an empty database one fills it; the others read what it has made.
        let _turn = store.turn_blocking("founding")?;
        let founded = seed::found(&store, now)?;
        metadata::load(&store, founded.server_user, now)?;
        let rights = Rights::of_server(&store.catalogue(), now);
        Ok(Self {
            inner: Arc::new(Inner {
                login: Login::new(settings, &*randomness)?,
                clock,
                randomness,
                organization: founded.organization,
                server_user: founded.server_user,
                administrator: founded.administrator,
                metadata: tokio::sync::Mutex::default(),
                server_rights: ArcSwap::from_pointee(rights),
                callers: CallerCache::default(),
                store,
            }),
        })
    }

    /// The store below.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// What exists now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.inner.store.catalogue()
    }

    /// The time by the server's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Where secrets come from.
    pub fn randomness(&self) -> &dyn Randomness {
        &*self.inner.randomness
    }

    /// What logging in keeps in memory.
    pub(crate) fn login(&self) -> &Login {
        &self.inner.login
    }

    /// The organization's id.
    pub fn organization(&self) -> Id {
        self.inner.organization
    }

    /// The server itself: every right, and the fields no caller may write.
    pub fn system(&self) -> Caller {
        Caller {
            user: self.inner.server_user,
            name: Arc::from(seed::SERVER_USER_NAME),
            username: Arc::from(seed::SERVER_USERNAME),
            profile: self.inner.administrator,
            organization: self.inner.organization,
            zone: TimeZone::UTC,
            rights: self.server_rights(),
        }
    }

    /// The profile of administrators.
    pub(crate) fn administrator(&self) -> Id {
        self.inner.administrator
    }

    /// Waits until nobody else changes metadata.
    pub(crate) async fn metadata_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.metadata.lock().await
    }

    /// An active user with what they may do.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such user or they are not active.
    pub async fn caller(&self, user: Id) -> Result<Caller, Error> {
        let now = self.now();
        if let Some(caller) = self.inner.callers.get(user, now) {
            return Ok(caller);
        }
        let generation = self.inner.callers.generation();
        let (caller, until) = callers::read(self, user, now).await?;
        self.inner.callers.keep(generation, &caller, until);
        Ok(caller)
    }

    /// Applies a write, and forgets what it makes untrue. Every write of this crate comes through
    /// here.
    pub(crate) async fn apply(&self, set: WriteSet) -> Result<Committed, WriteError> {
        let changes_rights = callers::changes_rights(&set);
        let may_end_sessions = login::may_end_sessions(&set);
        let committed = self.inner.store.write(set).await;
        if changes_rights && committed.is_ok() {
            self.inner.callers.forget();
        }
        if may_end_sessions && committed.is_ok() {
            self.inner.login.forget_sessions();
        }
        committed
    }

    /// The server's rights under the catalogue of this moment.
    fn server_rights(&self) -> Arc<Rights> {
        let known = self.inner.server_rights.load_full();
        let catalogue = self.inner.store.catalogue();
        if Arc::ptr_eq(&known.catalogue, &catalogue) {
            return known;
        }
        let rights = Arc::new(Rights::of_server(&catalogue, self.now()));
        self.inner.server_rights.store(Arc::clone(&rights));
        rights
    }
}
