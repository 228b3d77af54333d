//! Skills: what a session in line needs of whoever gets it, and what agents have.
//!
//! What is needed is put down with the place in line, from the routing configuration as it is at that moment;
//! what agents can do is looked up when sessions are given out.

use std::collections::HashMap;

use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Draft, Input, Together, literal};
use jiff::{SignedDuration, Timestamp};

use super::line::{BySkills, Pending};
use super::load::{Hundredths, hundredths};
use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;

/// The rank of an additional skill that has none: the one that is waived first.
const PRIORITY_LEAST: i64 = 10;

/// A skill that a session needs of whoever gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededSkill {
    pub(super) skill: Id,
    /// What it is called.
    pub name: String,
    /// How well it must be had, in hundredths: from 0 to 9,999.
    pub level: i64,
    /// Whether it is waived after a time.
    pub is_additional: bool,
    /// Among additional ones: the higher, the sooner it is waived.
    pub(super) priority: Option<i64>,
}

impl NeededSkill {
    fn rank(&self) -> i64 {
        self.priority.unwrap_or(PRIORITY_LEAST)
    }
}

/// How well each skill is had.
pub(super) type Had = HashMap<Id, Hundredths>;

const FIELDS: &str = "SkillId, Skill.MasterLabel, SkillLevel, IsAdditionalSkill, SkillPriority";

fn needed(row: Cells<'_>) -> Option<NeededSkill> {
    let priority = row.get("SkillPriority");
    Some(NeededSkill {
        skill: row.id("SkillId")?,
        name: row.text("Skill.MasterLabel").to_owned(),
        level: hundredths(row.get("SkillLevel")).unwrap_or_default(),
        is_additional: row.get("IsAdditionalSkill").is_true(),
        priority: (!priority.is_null()).then(|| whole(priority)),
    })
}

impl Messaging {
    /// What a routing configuration asks for.
    pub(super) async fn skills_asked(&self, configuration: Id) -> Result<Vec<NeededSkill>, Error> {
        let soql = format!(
            "SELECT {FIELDS} FROM QueueRoutingConfigSkill WHERE QueueRoutingConfigId = {} \
             ORDER BY Id",
            literal(configuration.as_str())
        );
        let mut asked = Vec::new();
        self.every(&soql, |row| asked.extend(needed(row))).await?;
        Ok(asked)
    }

    /// Also puts down what a place in line needs.
    pub(super) async fn require_skills(
        &self,
        write: &mut Together<'_>,
        pending: Id,
        asked: &[NeededSkill],
    ) -> Result<(), Error> {
        let system = self.org().system();
        for one in asked {
            let level = format!("{}.{:02}", one.level / 100, one.level % 100);
            let draft = Draft::new()
                .with("RelatedRecordId", pending)
                .with("SkillId", one.skill)
                .with("SkillLevel", Input::Number(level))
                .with("IsAdditionalSkill", one.is_additional)
                .with(
                    "SkillPriority",
                    one.priority.map_or(Value::Null, Value::Integer),
                );
            write.create(&system, "SkillRequirement", &draft).await?;
        }
        Ok(())
    }

    /// What sessions in line need now, by their places; those that need nothing are not in it. Whoever gets a
    /// session by name gets it whatever they can do.
    pub(super) async fn skills_needed(
        &self,
        line: &[Pending],
        now: Timestamp,
    ) -> Result<HashMap<Id, Vec<NeededSkill>>, Error> {
        let anybodys = line.iter().filter(|pending| !pending.is_theirs);
        let by_skills: Vec<(&Pending, BySkills)> = anybodys
            .filter_map(|pending| Some((pending, pending.by_skills?)))
            .collect();
        let mut all: HashMap<Id, Vec<NeededSkill>> = HashMap::new();
        for some in by_skills.chunks(ASKED_AT_ONCE) {
            let soql = format!(
                "SELECT RelatedRecordId, {FIELDS} FROM SkillRequirement WHERE RelatedRecordId IN ({}) \
                 ORDER BY Id",
                list(some.iter().map(|(pending, _)| pending.id))
            );
            self.every(&soql, |row| {
                if let (Some(place), Some(one)) = (row.id("RelatedRecordId"), needed(row)) {
                    all.entry(place).or_default().push(one);
                }
            })
            .await?;
        }
        for (pending, how) in by_skills {
            if let Some(needed) = all.get_mut(&pending.id) {
                let waited = pending.requested.map(|since| now.duration_since(since));
                waive(needed, waited.unwrap_or_default(), how.waived_after);
            }
        }
        Ok(all)
    }

    /// What each of these users can do now.
    pub(super) async fn skills_had(&self, users: &[Id]) -> Result<HashMap<Id, Had>, Error> {
        let mut had: HashMap<Id, Had> = HashMap::new();
        let now = self.org().now();
        for some in users.chunks(ASKED_AT_ONCE) {
            let soql = format!(
                "SELECT ServiceResource.RelatedRecordId, SkillId, SkillLevel FROM ServiceResourceSkill \
                 WHERE ServiceResource.IsActive = true AND ServiceResource.RelatedRecordId IN ({}) AND \
                 EffectiveStartDate <= {now} AND (EffectiveEndDate = null OR EffectiveEndDate > {now}) \
                 ORDER BY Id",
                list(some.iter().copied())
            );
            self.every(&soql, |row| {
                let user = row.id("ServiceResource.RelatedRecordId");
                if let (Some(user), Some(skill)) = (user, row.id("SkillId")) {
                    let level = hundredths(row.get("SkillLevel")).unwrap_or_default();
                    had.entry(user).or_default().insert(skill, level);
                }
            })
            .await?;
        }
        Ok(had)
    }
}

/// For how many places in line, or people, something is looked up in one query.
pub(super) const ASKED_AT_ONCE: usize = 200;

/// Ids as a query lists them.
pub(super) fn list(ids: impl IntoIterator<Item = Id>) -> String {
    let ids = ids.into_iter();
    let literals: Vec<_> = ids.map(|id| literal(id.as_str())).collect();
    literals.join(", ")
}

/// Takes out what is waived after so long in line: with each time-out the additional skills that rank lowest
/// of those that are left.
fn waive(needed: &mut Vec<NeededSkill>, waited: SignedDuration, after: Option<SignedDuration>) {
    let Some(after) = after
        .map(|after| after.as_secs())
        .filter(|after| *after > 0)
    else {
        return;
    };
    let times = usize::try_from(waited.as_secs() / after).unwrap_or_default();
    let additional = needed.iter().filter(|one| one.is_additional);
    let mut ranks: Vec<i64> = additional.map(NeededSkill::rank).collect();
    ranks.sort_unstable_by(|one, other| other.cmp(one));
    ranks.dedup();
    ranks.truncate(times);
    needed.retain(|one| !(one.is_additional && ranks.contains(&one.rank())));
}

/// Whether somebody with these skills can do what is needed.
pub(super) fn can(had: Option<&Had>, needed: &[NeededSkill]) -> bool {
    needed.iter().all(|one| {
        let level = had.and_then(|had| had.get(&one.skill));
        level.is_some_and(|level| *level >= one.level)
    })
}

/// How a session is routed, as its records say it.
pub(super) const fn routing_type(by_skills: bool) -> &'static str {
    if by_skills {
        "SkillsBased"
    } else {
        "QueueBased"
    }
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Id;
    use jiff::SignedDuration;

    use super::{NeededSkill, waive};

    fn skill(name: &str, is_additional: bool, priority: Option<i64>) -> NeededSkill {
        let skill: Id = "0C5000000000001AAA".parse().unwrap();
        NeededSkill {
            skill,
            name: name.to_owned(),
            level: 0,
            is_additional,
            priority,
        }
    }

    #[test]
    fn with_each_time_out_those_go_that_rank_lowest() {
        let all = [
            skill("must", false, None),
            skill("first", true, None),
            skill("first too", true, Some(10)),
            skill("last", true, Some(0)),
        ];
        let after_seconds = |waited: i64, after: Option<i64>| {
            let mut left = all.to_vec();
            let waited = SignedDuration::from_secs(waited);
            waive(&mut left, waited, after.map(SignedDuration::from_secs));
            left.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(after_seconds(59, Some(60)).len(), 4);
        assert_eq!(after_seconds(60, Some(60)), ["must", "last"]);
        assert_eq!(after_seconds(119, Some(60)), ["must", "last"]);
        assert_eq!(after_seconds(120, Some(60)), ["must"]);
        assert_eq!(after_seconds(10_000, Some(60)), ["must"]);
        assert_eq!(after_seconds(10_000, None).len(), 4);
    }
}
