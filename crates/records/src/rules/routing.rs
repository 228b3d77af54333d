//! What routing is set up with makes sense: levels, priorities, times and limits.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// How well a skill is had or needed, and when it is waived.
pub(super) const SKILL: Rule = Rule {
    objects: &["QueueRoutingConfigSkill", "ServiceResourceSkill"],
    when: &["SkillLevel", "SkillPriority"],
    knows: &[],
    apply: skill,
};

/// A skill ends after it has begun.
pub(super) const SKILL_TIMES: Rule = Rule {
    objects: &["ServiceResourceSkill"],
    when: &["EffectiveStartDate", "EffectiveEndDate"],
    knows: &["EffectiveStartDate", "EffectiveEndDate"],
    apply: times,
};

/// Numbers of a routing configuration are none or sensible.
pub(super) const CONFIGURATION: Rule = Rule {
    objects: &["QueueRoutingConfig"],
    when: &["LineMax", "DropAdditionalSkillsTimeout"],
    knows: &[],
    apply: configuration,
};

/// The lowest rank of a skill, which is waived first. Salesforce's.
const SKILL_PRIORITY_MAX: i64 = 10;

fn skill(change: &mut Change<'_>) {
    let is_below_nothing = match change.given("SkillLevel") {
        Some(Value::Integer(level)) => *level < 0,
        Some(Value::Decimal(level)) => level.is_sign_negative() && !level.is_zero(),
        _ => false,
    };
    if is_below_nothing {
        change.refuse_rule(&["SkillLevel"], "Skill Level: from 0 to 99.99");
    }
    if let Some(Value::Integer(priority)) = change.given("SkillPriority")
        && !(0..=SKILL_PRIORITY_MAX).contains(priority)
    {
        let message = format!(
            "Skill Priority: from 0, which is waived last, to {SKILL_PRIORITY_MAX}, which is waived first"
        );
        change.refuse_rule(&["SkillPriority"], message);
    }
}

fn times(change: &mut Change<'_>) {
    let start = change.holds("EffectiveStartDate").as_datetime();
    let end = change.holds("EffectiveEndDate").as_datetime();
    if start.zip(end).is_some_and(|(start, end)| end <= start) {
        let message = "End Date: a skill ends after its start date";
        change.refuse_rule(&["EffectiveEndDate"], message);
    }
}

fn configuration(change: &mut Change<'_>) {
    let below = |field: &str, least: i64| matches!(change.given(field), Some(Value::Integer(number)) if *number < least);
    let (is_no_line, is_no_time) = (below("LineMax", 1), below("DropAdditionalSkillsTimeout", 0));
    if is_no_line {
        let message = "Most Sessions in Line: at least 1, or empty for any number";
        change.refuse_rule(&["LineMax"], message);
    }
    if is_no_time {
        let message = "Drop Additional Skills Time-Out: a number of seconds, or empty for never";
        change.refuse_rule(&["DropAdditionalSkillsTimeout"], message);
    }
}
