//! Converting a lead: an account, a contact and an opportunity are made of it, or those that are there
//! already are taken, and its tasks are theirs from then on.
//!
//! All of it happens in one transaction. What is made is made with the caller's rights, of the lead's
//! values that the caller may write there; an account or contact that is there keeps its own. The lead
//! says what became of it and is changed no more. Messaging Users and sessions go on pointing to the
//! lead, as nothing says that Salesforce moves them; a relink does.

mod request;

use std::sync::Arc;

use headwater_catalogue::objects::opportunity::STAGES;
use headwater_catalogue::{Id, Name, Object, Value};
use headwater_store::{Check, Operation, WriteError};
use jiff::civil::Date;

use super::{id_of, may};
use crate::caller::Caller;
use crate::change::{Change, Condition, ValidChange};
use crate::describe::visible_object;
use crate::draft::{Draft, Input};
use crate::error::{Error, Problem, Verb};
use crate::metadata::NamedRow;
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::{failure, following, refusal, rules};
use request::{OF_ACCOUNT, OF_CONTACT, end_of_quarter, rule, status};

pub use request::{ConvertRequest, Converted};

/// Most tasks that a conversion moves.
const TASKS_MAX: usize = 1_000;

/// A conversion being worked out.
struct Converting<'a> {
    caller: &'a Caller,
    lead: NamedRow,
    owner: Value,
    operations: Vec<Operation>,
    conditions: Vec<Condition>,
}

impl Org {
    /// Converts a lead, which takes the right to edit it and to make what is made of it.
    ///
    /// # Errors
    /// Nothing was written. [`Error::Invalid`] when it is converted already, or says what is wrong
    /// with the status, the account or the contact; see [`Error`].
    pub async fn convert_lead(
        &self,
        caller: &Caller,
        request: &ConvertRequest,
    ) -> Result<Converted, Error> {
        let object = may(caller, "Lead", Verb::Update)?;
        let id = id_of(object, &request.lead)?;
        let status = status(request)?;
        let mut converting = self.converting(caller, object, id, request).await?;
        let account = self.account_of(&mut converting, request).await?;
        let contact = self.contact_of(&mut converting, request, account).await?;
        let opportunity = if request.without_opportunity {
            None
        } else {
            Some(
                self.opportunity_of(&mut converting, request, account)
                    .await?,
            )
        };
        let converted = Converted {
            lead: id,
            account,
            contact,
            opportunity,
        };
        self.give_tasks(&mut converting, &converted).await?;
        let today = self.now().to_zoned(caller.zone.clone()).date();
        let last = last_word(object, caller, &converted, status, today)?;
        converting.operations.push(last);
        self.carry_out(object, converting, converted).await
    }

    async fn converting<'a>(
        &self,
        caller: &'a Caller,
        object: &Arc<Object>,
        id: Id,
        request: &ConvertRequest,
    ) -> Result<Converting<'a>, Error> {
        let lead = NamedRow::one(self.store(), object, "Id", id.into()).await?;
        let sees = refusal::sees(self, caller, object, id).await?;
        let lead = lead.filter(|_| sees);
        let lead = lead.ok_or_else(|| Error::NotFound(id.to_string()))?;
        let record = refusal::out_of_reach(self, caller, object, Act::Edit, &[id]).await?;
        if record.is_some() {
            return Err(Error::NotAllowed {
                verb: Verb::Update,
                object: object.name.clone(),
                record,
            });
        }
        if lead.value("IsConverted").is_true() {
            return Err(Error::Invalid(vec![Problem::ConvertedLead { id }]));
        }
        let is_queue = |id: Id| {
            caller
                .rights
                .catalogue
                .object_of(id.prefix())
                .is_some_and(|o| o.name == "Group")
        };
        let owner = match (&request.owner, lead.value("OwnerId")) {
            (Some(owner), _) => Value::from(owner.as_str()),
            (None, Value::Id(owner)) if !is_queue(*owner) => Value::Id(*owner),
            (None, _) => Value::Id(caller.user),
        };
        Ok(Converting {
            caller,
            lead,
            owner,
            operations: Vec::new(),
            conditions: Vec::new(),
        })
    }

    async fn account_of(
        &self,
        converting: &mut Converting<'_>,
        request: &ConvertRequest,
    ) -> Result<Id, Error> {
        if let Some(account) = &request.account {
            return converting.take("Account", "accountId", account);
        }
        let draft = converting.draft("Account", OF_ACCOUNT)?;
        self.make(converting, "Account", &draft, &[]).await
    }

    async fn contact_of(
        &self,
        converting: &mut Converting<'_>,
        request: &ConvertRequest,
        account: Id,
    ) -> Result<Id, Error> {
        let Some(contact) = &request.contact else {
            let draft = converting.draft("Contact", OF_CONTACT)?;
            let of_account = [("AccountId", account)];
            return self.make(converting, "Contact", &draft, &of_account).await;
        };
        let id = converting.take("Contact", "contactId", contact)?;
        let contacts = visible_object(converting.caller, "Contact")?;
        let of_account = Selection::of_object(contacts)
            .equal("AccountId", account)?
            .equal("Id", id)?
            .rows(self.store())
            .await?;
        if of_account.is_empty() {
            return Err(rule(
                "contactId",
                "contactId: this contact is not of the account",
            ));
        }
        Ok(id)
    }

    async fn opportunity_of(
        &self,
        converting: &mut Converting<'_>,
        request: &ConvertRequest,
        account: Id,
    ) -> Result<Id, Error> {
        let today = self.now().to_zoned(converting.caller.zone.clone()).date();
        let company = converting.lead.value("Company").clone();
        let name = request
            .opportunity_name
            .as_deref()
            .map_or(company, Value::from);
        let mut draft = converting.draft("Opportunity", &[("LeadSource", "LeadSource")])?;
        let stage = STAGES.first().map_or("", |stage| stage.name);
        draft = draft
            .with("Name", name)
            .with("StageName", stage)
            .with("CloseDate", Value::Date(end_of_quarter(today)));
        let of_account = [("AccountId", account)];
        self.make(converting, "Opportunity", &draft, &of_account)
            .await
    }

    /// Works out a new record, which refers to others that are made with it.
    async fn make(
        &self,
        converting: &mut Converting<'_>,
        object: &str,
        draft: &Draft,
        refers: &[(&str, Id)],
    ) -> Result<Id, Error> {
        let caller = converting.caller;
        let object = may(caller, object, Verb::Create)?;
        let accepted = self.accept(caller, object, None, draft).await?;
        let id = self.store().next_id(object);
        let mut change = Change::new(caller, object, Verb::Create, id, self.now());
        change.take(&accepted, &[]);
        change.fill_defaults();
        rules::apply(&mut change, &accepted);
        change.require_references();
        change.require_values();
        let ValidChange {
            mut values,
            conditions,
            ..
        } = change.finish()?;
        for (field, id) in refers {
            let place = object.position(field);
            values.extend(place.map(|place| (place, Value::Id(*id))));
        }
        converting.conditions.extend(conditions);
        converting.operations.push(Operation::Insert {
            object: Arc::clone(object),
            id,
            values,
        });
        Ok(id)
    }

    /// The lead's tasks are the contact's, and about the opportunity or the account unless they are
    /// about something already.
    async fn give_tasks(
        &self,
        converting: &mut Converting<'_>,
        converted: &Converted,
    ) -> Result<(), Error> {
        let catalogue = Arc::clone(&converting.caller.rights.catalogue);
        let Some(tasks) = catalogue.object("Task") else {
            return Ok(());
        };
        let (Some(who), Some(what)) = (tasks.position("WhoId"), tasks.position("WhatId")) else {
            return Ok(());
        };
        let found = Selection::of_object(tasks)
            .fields(&["WhatId"])?
            .equal("WhoId", converted.lead)?
            .rows(self.store())
            .await?;
        if found.len() > TASKS_MAX {
            return Err(Error::LimitExceeded {
                what: "the number of the lead's tasks".to_owned(),
                limit: TASKS_MAX.to_string(),
            });
        }
        let about = converted.opportunity.unwrap_or(converted.account);
        for row in found {
            let Some(id) = refusal::first_id(&row) else {
                continue;
            };
            let mut values = vec![(who, Value::Id(converted.contact))];
            if row.get(1).is_none_or(Value::is_null) {
                values.push((what, Value::Id(about)));
            }
            converting.operations.push(Operation::Update {
                object: Arc::clone(tasks),
                id,
                values,
                // They go with the lead, whoever owns them.
                may: headwater_soql::resolved::Filter::Always,
                expect: vec![(who, Value::Id(converted.lead))],
                seen: None,
            });
        }
        Ok(())
    }

    async fn carry_out(
        &self,
        lead: &Arc<Object>,
        converting: Converting<'_>,
        converted: Converted,
    ) -> Result<Converted, Error> {
        let Converting {
            caller,
            operations,
            conditions,
            ..
        } = converting;
        let objects = operations.iter().map(following::object_of);
        let objects: Vec<Name> = objects.map(|object| object.name.clone()).collect();
        let checks: Vec<Check> = conditions.iter().map(|one| one.check.clone()).collect();
        let set = self.write_set(caller, checks, operations);
        match self.apply(set).await {
            Ok(_) => Ok(converted),
            Err(error @ WriteError::Missing { .. }) => {
                Err(refusal::of_insert(lead, conditions, error))
            }
            Err(error @ WriteError::Duplicate { operation, .. }) => {
                let name = objects.get(operation);
                let object = name.and_then(|name| caller.rights.catalogue.object(name));
                let object = object.unwrap_or(lead);
                Err(refusal::of_insert(object, conditions, error))
            }
            // Somebody was faster, with the lead or one of its tasks.
            Err(
                WriteError::Unexpected { .. }
                | WriteError::NotFound { .. }
                | WriteError::Refused { .. },
            ) => Err(Error::Busy),
            Err(error) => Err(failure::of_write(error)),
        }
    }
}

impl Converting<'_> {
    /// What a record is filled with: of the lead's values those that the caller may write there.
    fn draft(&self, object: &str, fields: &[(&str, &str)]) -> Result<Draft, Error> {
        let object = visible_object(self.caller, object)?;
        let rights = self.caller.rights.on(object);
        let mut draft = Draft::new().with("OwnerId", self.owner.clone());
        for (field, from) in fields {
            let value = self.lead.value(from);
            let writes = object
                .position(field)
                .is_some_and(|place| rights.writes(place));
            if writes && !value.is_null() {
                let input = Input::Value(value.clone());
                draft.fields.push(((*field).to_owned(), input));
            }
        }
        Ok(draft)
    }

    /// A record that is there already, for the caller to change.
    fn take(&mut self, object: &str, argument: &'static str, id: &str) -> Result<Id, Error> {
        let object = may(self.caller, object, Verb::Update)?;
        let wrong = || {
            Error::Invalid(vec![Problem::WrongId {
                field: argument.into(),
                label: argument.into(),
                value: id.to_owned(),
            }])
        };
        let id = id_of(object, id).map_err(|_| wrong())?;
        let field: Name = argument.into();
        self.conditions.push(Condition {
            check: Check {
                object: Arc::clone(object),
                id,
                visible: visibility::filter(self.caller, object, Act::Edit, 0),
            },
            missing: Problem::NoSuchRecord {
                field: field.clone(),
                id,
            },
            refused: Problem::HiddenRecord { field, id },
        });
        Ok(id)
    }
}

/// What the lead says in the end: what became of it.
fn last_word(
    object: &Arc<Object>,
    caller: &Caller,
    converted: &Converted,
    status: &str,
    today: Date,
) -> Result<Operation, Error> {
    let values = [
        ("Status", Value::from(status)),
        ("IsConverted", Value::Boolean(true)),
        ("ConvertedDate", Value::Date(today)),
        ("ConvertedAccountId", Value::Id(converted.account)),
        ("ConvertedContactId", Value::Id(converted.contact)),
        (
            "ConvertedOpportunityId",
            converted.opportunity.map_or(Value::Null, Value::Id),
        ),
    ];
    let place = |name: &str| {
        object.position(name).ok_or_else(|| Error::UnknownField {
            object: object.name.clone(),
            field: name.to_owned(),
        })
    };
    let placed = values
        .into_iter()
        .map(|(name, value)| Ok((place(name)?, value)))
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(Operation::Update {
        object: Arc::clone(object),
        id: converted.lead,
        values: placed,
        may: visibility::filter(caller, object, Act::Edit, 0),
        expect: vec![(place("IsConverted")?, Value::Boolean(false))],
        seen: None,
    })
}
