//! Why sessions stay in line: they need skills that nobody who is there has.

use std::collections::HashMap;

use headwater_catalogue::Id;
use headwater_records::{Caller, literal};

use super::line::{self, Pending};
use super::skills::{NeededSkill, routing_type};
use crate::error::Error;
use crate::messaging::Messaging;

impl Messaging {
    /// What a session in line needs now, if nobody of its queue who is available can do it all, whether they
    /// have room or not. None for one that can be offered, is offered, or is not in line; and for whoever does
    /// not see the session.
    ///
    /// # Errors
    /// The database's.
    pub async fn lacking(
        &self,
        caller: &Caller,
        session: Id,
    ) -> Result<Option<Vec<NeededSkill>>, Error> {
        let soql = format!(
            "SELECT {} FROM PendingServiceRouting WHERE WorkItemId = {} AND IsPushed = false",
            line::FIELDS,
            literal(session.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let line: Vec<Pending> = table.rows().filter_map(line::pending_of).collect();
        Ok(self.unmatched(&line).await?.remove(&session))
    }

    /// The sessions in line that nobody who is there can take, each with what it needs.
    pub(super) async fn all_unmatched(&self) -> Result<HashMap<Id, Vec<NeededSkill>>, Error> {
        let soql = format!(
            "SELECT {} FROM PendingServiceRouting WHERE IsPushed = false AND RoutingType = '{}' \
             ORDER BY Id",
            line::FIELDS,
            routing_type(true)
        );
        let mut line = Vec::new();
        self.every(&soql, |row| line.extend(line::pending_of(row)))
            .await?;
        self.unmatched(&line).await
    }

    async fn unmatched(&self, line: &[Pending]) -> Result<HashMap<Id, Vec<NeededSkill>>, Error> {
        let mut unmatched = HashMap::new();
        let mut needed = self.skills_needed(line, self.org().now()).await?;
        if needed.is_empty() {
            return Ok(unmatched);
        }
        let floor = self.floor().await?;
        for pending in line {
            let Some(needed) = needed.remove(&pending.id) else {
                continue;
            };
            let suits = |agent| floor.suits(agent, pending, &needed);
            // Where all is waived, it is not for want of skills that it waits.
            if !needed.is_empty() && !floor.agents.iter().any(suits) {
                unmatched.insert(pending.session, needed);
            }
        }
        Ok(unmatched)
    }
}
