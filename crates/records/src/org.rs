//! The org: the one value that every verb is a method of.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwap;
use headwater_catalogue::{Catalogue, Id};
use headwater_store::{Committed, Store, Turn, WriteError, WriteSet};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::caller::{Caller, Rights};
use crate::callers::{self, CallerCache};
use crate::clock::{Clock, Randomness};
use crate::content::{FilePlaces, FileScanner};
use crate::error::Error;
use crate::following::Forget;
use crate::login::{Login, LoginSettings};
use crate::query::WaitingCursors;
use crate::{metadata, seed};

/// An organization and everything in it. Cheap to clone; all clones are the same org.
#[derive(Debug, Clone)]
pub struct Org {
    inner: Arc<Inner>,
    /// The handle on the store of one request that does all or nothing; none for all others.
    staged: Option<Store>,
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
    /// The catalogue that custom metadata is added to.
    built_in: Arc<Catalogue>,
    /// The version of the metadata that the store's catalogue was made of.
    catalogue_version: AtomicI64,
    /// The last change before anything was read.
    first_known: i64,
    server_rights: ArcSwap<Rights>,
    callers: CallerCache,
    login: Login,
    waiting_cursors: WaitingCursors,
    /// Where bytes of files lie that are not in the database, if that was said.
    file_places: OnceLock<FilePlaces>,
    /// Who looks at files for viruses, if that was said.
    file_scanner: OnceLock<Arc<dyn FileScanner>>,
}

/// The org, for what must not keep it open.
#[derive(Debug, Clone)]
pub(crate) struct WeakOrg(Weak<Inner>);

impl WeakOrg {
    /// The org, while somebody still has it open.
    pub(crate) fn upgrade(&self) -> Option<Org> {
        let inner = self.0.upgrade()?;
        Some(Org {
            inner,
            staged: None,
        })
    }
}

/// The turn of whoever changes metadata: each makes the next catalogue from the present one.
#[derive(Debug)]
pub(crate) struct MetadataTurn<'a> {
    _here: tokio::sync::MutexGuard<'a, ()>,
    _everywhere: Turn,
}

/// The name of that turn among all nodes.
const METADATA: &str = "metadata";

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
        let first_known = *store.changed().borrow();
        let founded = seed::found(&store, now)?;
        let built_in = store.catalogue();
        let turn = store.turn_blocking(METADATA)?;
        let version = store.catalogue_version_blocking()?;
        metadata::load(&store, &built_in, founded.server_user, now)?;
        drop(turn);
        store.fill_search_blocking()?;
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
                built_in,
                catalogue_version: AtomicI64::new(version),
                first_known,
                server_rights: ArcSwap::from_pointee(rights),
                callers: CallerCache::default(),
                waiting_cursors: WaitingCursors::default(),
                file_places: OnceLock::new(),
                file_scanner: OnceLock::new(),
                store,
            }),
            staged: None,
        })
    }

    /// The store below.
    pub fn store(&self) -> &Store {
        self.staged.as_ref().unwrap_or(&self.inner.store)
    }

    /// The same org, whose writes wait until [`Org::commit_staged`] and then happen all or not at
    /// all, and whose reads see them meanwhile; see [`headwater_store::Store::staging`].
    #[must_use]
    pub fn staging(&self, tried: &[usize]) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            staged: Some(self.inner.store.staging(tried)),
        }
    }

    /// Whether writes wait.
    pub(crate) fn is_staging(&self) -> bool {
        self.staged.is_some()
    }

    /// Which of the writes that wait was found to be refused.
    pub fn refused_at(&self) -> Option<usize> {
        self.store().refused_at()
    }

    /// Does all that waits, or nothing.
    ///
    /// # Errors
    /// Nothing was written. What [`Org::refused_at`] names was refused; with none of that, it is
    /// what befell all of them.
    pub async fn commit_staged(&self) -> Result<(), Error> {
        self.store().commit_staged().await?;
        let sets = self.store().staged_sets();
        self.forget(sets.iter().fold(Forget::default(), |forget, set| {
            forget.or(Forget::after(set))
        }));
        Ok(())
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

    /// The cursors of queries that wait to be written.
    pub(crate) fn waiting_cursors(&self) -> &WaitingCursors {
        &self.inner.waiting_cursors
    }

    /// The same org, without keeping it open, and without what is staged.
    pub(crate) fn weak(&self) -> WeakOrg {
        WeakOrg(Arc::downgrade(&self.inner))
    }

    /// Where bytes of files lie that are not in the database, if that was said.
    pub fn file_places(&self) -> Option<&FilePlaces> {
        self.inner.file_places.get()
    }

    /// To say so, once.
    pub(crate) fn file_places_cell(&self) -> &OnceLock<FilePlaces> {
        &self.inner.file_places
    }

    /// Who looks at files for viruses, to be said once.
    pub(crate) fn file_scanner_cell(&self) -> &OnceLock<Arc<dyn FileScanner>> {
        &self.inner.file_scanner
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
            first_weekday: Weekday::Sunday,
            rights: self.server_rights(),
        }
    }

    /// The profile of administrators.
    pub(crate) fn administrator(&self) -> Id {
        self.inner.administrator
    }

    /// The catalogue without custom metadata.
    pub(crate) fn built_in(&self) -> &Arc<Catalogue> {
        &self.inner.built_in
    }

    /// The version of the metadata that the catalogue of this node was made of.
    pub(crate) fn known_catalogue(&self) -> i64 {
        self.inner.catalogue_version.load(Ordering::Acquire)
    }

    /// The store's catalogue is that of this version.
    pub(crate) fn know_catalogue(&self, version: i64) {
        let known = &self.inner.catalogue_version;
        known.store(version, Ordering::Release);
    }

    /// The last change before this node read anything.
    pub(crate) fn known_change(&self) -> i64 {
        self.inner.first_known
    }

    /// Waits until nobody else changes metadata, in this process or another on the database, and
    /// sees to it that the catalogue is that of the last one who did.
    pub(crate) async fn metadata_turn(&self) -> Result<MetadataTurn<'_>, Error> {
        let turn = MetadataTurn {
            _here: self.inner.metadata.lock().await,
            _everywhere: self.inner.store.turn(METADATA).await?,
        };
        self.catch_up_with_metadata().await?;
        Ok(turn)
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
        // Apart, for what is seldom needed would make the future of every request larger.
        let (caller, until) = Box::pin(callers::read(self, user, now)).await?;
        self.inner.callers.keep(generation, &caller, until);
        Ok(caller)
    }

    /// Applies a write, with what it adds to the setup audit trail, and forgets what it makes
    /// untrue. Every write of this crate comes through here.
    pub(crate) async fn apply(&self, mut set: WriteSet) -> Result<Committed, WriteError> {
        self.leave_trail(&mut set).await?;
        let forget = Forget::after(&set);
        let is_metadata = set.catalogue.is_some();
        let committed = self.store().write(set).await;
        // What waits is not true yet.
        if committed.is_ok() && !self.is_staging() {
            self.forget(forget);
        }
        if is_metadata
            && committed.is_ok()
            && let Ok(version) = self.inner.store.catalogue_version().await
        {
            // Whoever changes metadata has the turn, so this is the version just made.
            self.know_catalogue(version);
        }
        committed
    }

    /// As [`Org::apply`], for several writes that do not change metadata, in one transaction.
    pub(crate) async fn apply_each(
        &self,
        mut sets: Vec<WriteSet>,
        all_or_none: bool,
    ) -> Result<Vec<Result<Committed, WriteError>>, WriteError> {
        let mut forget = Forget::default();
        for set in &mut sets {
            self.leave_trail(set).await?;
            forget = forget.or(Forget::after(set));
        }
        let answers = self.store().write_each(sets, all_or_none).await;
        if answers.is_ok() && !self.is_staging() {
            self.forget(forget);
        }
        answers
    }

    async fn leave_trail(&self, set: &mut WriteSet) -> Result<(), WriteError> {
        let trail = self.audit(set).await;
        let unread = |error: Error| WriteError::Database(error.to_string());
        set.operations.extend(trail.map_err(unread)?);
        Ok(())
    }

    /// Forgets what is not true any more.
    pub(crate) fn forget(&self, forget: Forget) {
        if forget.callers {
            self.inner.callers.forget();
        }
        if forget.sessions {
            self.inner.login.forget_sessions();
        }
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
