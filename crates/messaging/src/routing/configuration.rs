//! What the set-up says: how a queue is routed, how much an agent takes, what a status means.

use headwater_catalogue::Id;
use headwater_catalogue::objects::{presence_user_config, service_channel};
use headwater_records::{Cells, Error as RecordsError, Table, literal};
use jiff::SignedDuration;

use super::load::Load;
use super::skills::NeededSkill;
use crate::conversation::{Channel, whole};
use crate::error::Error;
use crate::messaging::Messaging;

/// How long an offer stands where the set-up does not say.
const PUSH_TIMEOUT_SECONDS: i64 = 60;

/// Whom routing asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// The agent with the least open work.
    LeastActive,
    /// The agent with the most room for more.
    MostAvailable,
    /// Whom a service of the organization's own says.
    External,
}

impl Model {
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "MostAvailable" => Self::MostAvailable,
            "ExternalRouting" => Self::External,
            _ => Self::LeastActive,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::LeastActive => "LeastActive",
            Self::MostAvailable => "MostAvailable",
            Self::External => "ExternalRouting",
        }
    }
}

/// How a queue is routed.
#[derive(Debug, Clone)]
pub(crate) struct Routed {
    pub(crate) model: Model,
    pub(crate) priority: i64,
    pub(crate) load: Load,
    pub(crate) push_timeout: i64,
    /// After how long accepted work of an agent who is gone goes back; never, where it is none.
    pub(crate) unattended: Option<SignedDuration>,
    /// What whoever gets a session must be able to do.
    pub(crate) skills: Vec<NeededSkill>,
    /// After how many seconds in line additional skills are waived; never, where it is none.
    pub(crate) waived_after: Option<i64>,
}

impl Routed {
    /// What holds for a session that is handed to an agent past any queue.
    pub(crate) fn direct() -> Self {
        Self {
            model: Model::LeastActive,
            priority: 0,
            load: Load::unit(),
            push_timeout: PUSH_TIMEOUT_SECONDS,
            unattended: None,
            skills: Vec::new(),
            waived_after: None,
        }
    }

    fn of(row: Cells<'_>) -> Self {
        let seconds = |field: &str| Some(whole(row.get(field))).filter(|seconds| *seconds > 0);
        Self {
            model: Model::of(row.text("RoutingModel")),
            priority: whole(row.get("RoutingPriority")),
            load: Load::of(row),
            push_timeout: seconds("PushTimeout").unwrap_or(PUSH_TIMEOUT_SECONDS),
            unattended: seconds("UnattendedTimeout").map(SignedDuration::from_secs),
            skills: Vec::new(),
            waived_after: seconds("DropAdditionalSkillsTimeout"),
        }
    }
}

/// How work is offered to an agent.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) capacity: i64,
    pub(crate) accepts_by_itself: bool,
    pub(crate) may_decline: bool,
    pub(crate) sounds: bool,
    pub(crate) status_on_decline: Option<Id>,
    pub(crate) status_on_timeout: Option<Id>,
}

impl Manner {
    fn of(row: Cells<'_>) -> Self {
        let on = |field: &str| row.get(field).is_true();
        Self {
            capacity: whole(row.get("Capacity")).max(0),
            accepts_by_itself: on("OptionsIsAutoAcceptEnabled"),
            may_decline: on("OptionsIsDeclineEnabled"),
            sounds: on("OptionsIsRequestSoundEnabled"),
            status_on_decline: row.id("PresenceStatusOnDeclineId"),
            status_on_timeout: row.id("PresenceStatusOnPushTimeoutId"),
        }
    }

    /// What holds in an org that has deleted what it came with.
    fn usual() -> Self {
        Self {
            capacity: 5,
            accepts_by_itself: false,
            may_decline: true,
            sounds: true,
            status_on_decline: None,
            status_on_timeout: None,
        }
    }
}

impl Messaging {
    /// How a queue is routed; none when it is not, or is no queue.
    pub(crate) async fn routed(&self, queue: Id) -> Result<Option<Routed>, Error> {
        let Some(configuration) = self.configuration_of(queue).await? else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT RoutingModel, RoutingPriority, CapacityWeight, CapacityPercentage, PushTimeout, \
             UnattendedTimeout, IsAttributeBased, DropAdditionalSkillsTimeout \
             FROM QueueRoutingConfig WHERE Id = {}",
            literal(configuration.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        let mut routed = Routed::of(row);
        if row.get("IsAttributeBased").is_true() {
            routed.skills = self.skills_asked(configuration).await?;
        }
        Ok(Some(routed))
    }

    /// What a queue is routed by; none when it is not, or is no queue that takes sessions.
    pub(super) async fn configuration_of(&self, queue: Id) -> Result<Option<Id>, Error> {
        if !self.takes_sessions(queue).await? {
            return Ok(None);
        }
        let soql = format!(
            "SELECT QueueRoutingConfigId FROM Group WHERE Id = {}",
            literal(queue.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table.first().and_then(|row| row.id("QueueRoutingConfigId")))
    }

    /// Whether sessions can be a queue's: it names them among what it takes, or names nothing.
    pub(crate) async fn takes_sessions(&self, queue: Id) -> Result<bool, Error> {
        if !is_group(queue) {
            return Ok(false);
        }
        let soql = format!(
            "SELECT SobjectType FROM QueueSobject WHERE QueueId = {} ORDER BY SobjectType",
            literal(queue.as_str())
        );
        let (mut any, mut taken) = (false, false);
        self.every(&soql, |row| {
            any = true;
            taken |= row.text("SobjectType") == "MessagingSession";
        })
        .await?;
        Ok(taken || !any)
    }

    /// Who gets a channel's new sessions; none when nobody of those it names can, and then they are the
    /// server's until somebody takes them.
    pub(crate) async fn handler_of(&self, channel: &Channel) -> Result<Option<Id>, Error> {
        for handler in &channel.handlers {
            if self.may_own(*handler).await? {
                return Ok(Some(*handler));
            }
        }
        Ok(None)
    }

    /// Whether a session can be somebody's: an active person's, or that of a queue that takes sessions.
    pub(crate) async fn may_own(&self, owner: Id) -> Result<bool, Error> {
        let id = literal(owner.as_str());
        if is_group(owner) {
            let soql = format!("SELECT Id FROM Group WHERE Id = {id} AND Type = 'Queue'");
            return Ok(!self.one(&soql).await?.is_empty() && self.takes_sessions(owner).await?);
        }
        let soql = format!("SELECT Id FROM User WHERE Id = {id} AND IsActive = true");
        Ok(!self.one(&soql).await?.is_empty())
    }

    /// What is wrong with who a channel's sessions are to go to, for people; none when nothing is.
    pub(crate) async fn handler_trouble(&self, channel: Id) -> Result<Option<String>, Error> {
        let Some(channel) = self.channel_if_on(channel).await? else {
            return Ok(None);
        };
        let Some(first) = channel.handlers.first() else {
            return Ok(None);
        };
        if self.may_own(*first).await? {
            return Ok(None);
        }
        let first = self.name_of(*first).await?;
        let instead = match self.handler_of(&channel).await? {
            Some(next) => format!("{} gets them instead", self.name_of(next).await?),
            None => "they wait without a queue".to_owned(),
        };
        Ok(Some(format!(
            "{first} cannot be given messaging sessions: {instead}"
        )))
    }

    /// What a queue or a person is called.
    pub(crate) async fn name_of(&self, owner: Id) -> Result<String, Error> {
        let object = if is_group(owner) { "Group" } else { "User" };
        let soql = format!(
            "SELECT Name FROM {object} WHERE Id = {}",
            literal(owner.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table
            .first()
            .map_or_else(String::new, |row| row.text("Name").to_owned()))
    }

    /// The service channel that sessions are routed by.
    pub(crate) async fn service_channel(&self) -> Result<Id, Error> {
        let soql = format!(
            "SELECT Id FROM ServiceChannel WHERE DeveloperName = {}",
            literal(service_channel::MESSAGING)
        );
        let found = self.one(&soql).await?.first().and_then(|row| row.id("Id"));
        let gone = || RecordsError::internal("the service channel of messaging is gone");
        Ok(found.ok_or_else(gone)?)
    }

    /// How work is offered to a user: by their own configuration, else their profile's, else the one for
    /// everybody.
    pub(crate) async fn manner(&self, user: Id, profile: Id) -> Result<Manner, Error> {
        let assigned = [
            ("PresenceUserConfigUser", "UserId", user),
            ("PresenceUserConfigProfile", "ProfileId", profile),
        ];
        for (object, field, id) in assigned {
            let soql = format!(
                "SELECT PresenceUserConfigId FROM {object} WHERE {field} = {}",
                literal(id.as_str())
            );
            let table = self.one(&soql).await?;
            if let Some(id) = table.first().and_then(|row| row.id("PresenceUserConfigId"))
                && let Some(manner) = self.manner_where("Id", id.as_str()).await?
            {
                return Ok(manner);
            }
        }
        let usual = self.manner_where("DeveloperName", presence_user_config::DEFAULT);
        Ok(usual.await?.unwrap_or_else(Manner::usual))
    }

    async fn manner_where(&self, field: &str, value: &str) -> Result<Option<Manner>, Error> {
        let soql = format!(
            "SELECT Capacity, OptionsIsAutoAcceptEnabled, OptionsIsDeclineEnabled, \
             OptionsIsRequestSoundEnabled, PresenceStatusOnDeclineId, \
             PresenceStatusOnPushTimeoutId FROM PresenceUserConfig WHERE {field} = {}",
            literal(value)
        );
        Ok(self.one(&soql).await?.first().map(Manner::of))
    }

    /// Whether whoever has this status gets no sessions.
    pub(crate) async fn is_away(&self, status: Id) -> Result<bool, Error> {
        let channel = self.service_channel().await?;
        let soql = format!(
            "SELECT Id FROM ServiceChannelStatus WHERE ServicePresenceStatusId = {} AND \
             ServiceChannelId = {}",
            literal(status.as_str()),
            literal(channel.as_str())
        );
        Ok(self.one(&soql).await?.is_empty())
    }

    /// All rows of a query of the server's own, page by page.
    pub(crate) async fn every(
        &self,
        soql: &str,
        mut each: impl FnMut(Cells<'_>),
    ) -> Result<(), Error> {
        let system = self.org().system();
        let mut after = None;
        loop {
            let table: Table = self
                .org()
                .browse(&system, soql, after.as_deref(), PAGE_ROWS)
                .await?;
            for row in table.rows() {
                each(row);
            }
            match table.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// Rows that are read at a time.
const PAGE_ROWS: u64 = 500;

/// Whether an id is that of a queue or group.
pub(crate) fn is_group(id: Id) -> bool {
    id.as_str().starts_with("00G")
}
