//! A form of many checkboxes: what was on when it was shown, what is to be on, what is on now.
//!
//! Only what somebody has changed is written. When others have changed something meanwhile, nothing
//! is: they are told what, and their own changes stay in the form.

use std::collections::BTreeSet;

use headwater_records::Error;
use maud::{Markup, html};

use crate::console::Console;
use crate::form::Form;
use crate::text::containing;
use crate::visitor::Visitor;

/// The names of checkboxes that are on.
pub(super) type On = BTreeSet<String>;

/// What a form of checkboxes sent.
#[derive(Debug)]
pub(super) struct Switches {
    /// What was on when the form was shown.
    was: On,
    /// What is to be on.
    pub(super) wanted: On,
}

/// What comes with being switched on: a name of a checkbox and those that it makes no sense without.
pub(super) type Needs = dyn Fn(&str) -> Vec<String>;

impl Switches {
    pub(super) fn read(form: &Form) -> Self {
        Self {
            was: form
                .get("was")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            wanted: form.all("on").map(str::to_owned).collect(),
        }
    }

    /// What has been switched by others since the form was shown, in the order of its names.
    pub(super) fn changed_by_others(&self, now: &On) -> Vec<String> {
        self.was.symmetric_difference(now).cloned().collect()
    }

    /// What is to be on, given what is on now: what was switched here, and nothing else. What is
    /// switched on takes with it what it needs; what is switched off, what needs it.
    pub(super) fn onto(&self, now: &On, needs: &Needs) -> On {
        let added: On = self.wanted.difference(&self.was).cloned().collect();
        let removed: On = self.was.difference(&self.wanted).cloned().collect();
        let mut on: On = now
            .union(&added)
            .filter(|name| !removed.contains(*name))
            .cloned()
            .collect();
        for name in &added {
            on.extend(needs(name));
        }
        let lacks = |on: &On, name: &String| needs(name).iter().any(|needed| !on.contains(needed));
        let lacking: Vec<String> = on.iter().filter(|name| lacks(&on, name)).cloned().collect();
        for name in lacking {
            on.remove(&name);
        }
        on
    }

    /// The hidden field that says what was on.
    pub(super) fn seen(now: &On) -> Markup {
        let was: Vec<_> = now.iter().map(String::as_str).collect();
        html! { input type="hidden" name="was" value=(was.join(" ")); }
    }
}

/// One checkbox; `label` is for those who listen.
pub(super) fn switch(name: &str, label: &str, on: &On, may_change: bool) -> Markup {
    let is_on = on.contains(name);
    html! {
        @if may_change {
            label .switch {
                input type="checkbox" name="on" value=(name) checked[is_on] aria-label=(label);
            }
        } @else {
            span .switch {
                @if is_on { span aria-hidden="true" { "✓" } span .unseen { "yes" } }
                @else { span .none aria-hidden="true" { "–" } span .unseen { "no" } }
            }
        }
    }
}

/// Who has last changed something of this name, and what, in the audit trail's words; empty when it
/// tells of none.
pub(super) async fn faster(
    console: &Console,
    visitor: &Visitor,
    name: &str,
) -> Result<String, Error> {
    let soql = format!(
        "SELECT Display, CreatedBy.Name FROM SetupAuditTrail WHERE Display LIKE {} \
         ORDER BY CreatedDate DESC LIMIT 1",
        containing(name)
    );
    let table = console.org.browse(&visitor.caller, &soql, None, 1).await?;
    Ok(table.first().map_or_else(String::new, |row| {
        format!(" {}: {}.", row.text("CreatedBy.Name"), row.text("Display"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(names: &[&str]) -> On {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn edit_needs_read(name: &str) -> Vec<String> {
        let field = name.strip_suffix(".edit");
        field
            .map(|field| format!("{field}.read"))
            .into_iter()
            .collect()
    }

    #[test]
    fn ticking_edit_ticks_read_and_unticking_read_unticks_edit() {
        let ticked = Switches {
            was: on(&[]),
            wanted: on(&["Phone.edit"]),
        };
        assert_eq!(
            ticked.onto(&on(&[]), &edit_needs_read),
            on(&["Phone.edit", "Phone.read"])
        );
        let both = on(&["Phone.edit", "Phone.read"]);
        let unticked = Switches {
            was: both.clone(),
            wanted: on(&["Phone.edit"]),
        };
        assert_eq!(unticked.onto(&both, &edit_needs_read), on(&[]));
    }

    #[test]
    fn what_others_have_switched_is_told_and_kept() {
        let mine = Switches {
            was: on(&["Fax.read"]),
            wanted: on(&["Fax.read", "Phone.read"]),
        };
        let now = on(&["Fax.read", "Site.read"]);
        assert_eq!(mine.changed_by_others(&now), ["Site.read"]);
        assert_eq!(
            mine.onto(&now, &edit_needs_read),
            on(&["Fax.read", "Phone.read", "Site.read"])
        );
    }
}
