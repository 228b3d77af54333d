//! Answers as text for a terminal.

use std::fmt::Write as _;

use crate::explanation::{EditAt, Explanation, Explanations};
use crate::links::{Link, LinkedUser, Party, Report};
use crate::table::{Table, printable};

/// What a relink did, or would do: each Messaging User's links before and after, and how many
/// sessions follow.
pub fn report(report: &Report) -> String {
    let mut table = Table::new(&["Messaging User", "Account", "Contact", "Sessions"]);
    for user in &report.messaging_users {
        table.row(&[
            named(&user.id, user.name.as_deref()),
            link(user, user.account.as_ref()),
            link(user, user.contact.as_ref()),
            user.sessions.to_string(),
        ]);
    }
    let mut text = headline(report);
    text.push_str("\n\n");
    text.push_str(&table.lines());
    text.push('\n');
    for sentence in left_alone(report) {
        let _ = writeln!(text, "{sentence}");
    }
    text.push_str(&conclusion(report));
    text
}

/// The fields of an object with who may edit them, and where else.
pub fn explanations(answer: &Explanations) -> String {
    let mut table = Table::new(&["Field", "Label", "Editable", "Edit at", "Why not"]);
    for field in &answer.fields {
        let lock = field.lock.as_ref();
        table.row(&[
            field.field.clone(),
            field.label.clone(),
            editable(field).to_owned(),
            lock.and_then(|l| l.edit_at.as_ref())
                .map(place)
                .unwrap_or_default(),
            lock.map(|l| l.reason.clone()).unwrap_or_default(),
        ]);
    }
    let of = match &answer.record {
        Some(record) => format!("{} {record}", answer.object),
        None => format!("{} ({})", answer.object, answer.label),
    };
    format!("{}\n\n{}", printable(&of), table.lines())
}

fn headline(report: &Report) -> String {
    let verb = if report.undo_of.is_some() {
        "undo"
    } else {
        "relink"
    };
    match &report.id {
        _ if report.dry_run => format!("Dry run of the {verb}: nothing is changed."),
        Some(id) if report.undo_of.is_some() => {
            let of = report.undo_of.as_deref().unwrap_or_default();
            format!("Relink {of} is undone, by relink {id}.")
        }
        Some(id) => format!("Relink {id} is done."),
        None => "Nothing had to be changed.".to_owned(),
    }
}

fn conclusion(report: &Report) -> String {
    let sessions = counted(report.sessions_affected, "session");
    let users = counted(report.changed, "Messaging User");
    let verb = if report.dry_run {
        "Would affect"
    } else {
        "Affects"
    };
    let mut text = format!("{verb} {sessions} of {users}.\n");
    if let (Some(id), None) = (&report.id, &report.undo_of) {
        let _ = writeln!(text, "To undo it: headwater relink --undo {id}");
    }
    text
}

fn left_alone(report: &Report) -> Vec<String> {
    let mut sentences = Vec::new();
    for user in &report.messaging_users {
        let name = printable(user.name.as_deref().unwrap_or(&user.id));
        let links = [("account", &user.account), ("contact", &user.contact)];
        let of_links = links.iter().filter_map(|(what, link)| {
            let why = link.as_ref()?.left.as_ref()?;
            Some(format!(
                "The {what} of {name} was left alone: {}",
                printable(why)
            ))
        });
        let of_user = user
            .left
            .iter()
            .map(|why| format!("{name} was left alone: {}", printable(why)));
        sentences.extend(of_user.chain(of_links));
    }
    sentences
}

fn link(user: &LinkedUser, link: Option<&Link>) -> String {
    let Some(link) = link else {
        return String::new();
    };
    if link.changed {
        return format!(
            "{} → {}",
            party(link.before.as_ref()),
            party(link.after.as_ref())
        );
    }
    let was_left = link.left.is_some() || user.left.is_some();
    let note = if was_left { "left alone" } else { "unchanged" };
    format!("{} ({note})", party(link.after.as_ref()))
}

fn party(party: Option<&Party>) -> String {
    match party {
        None => "none".to_owned(),
        Some(party) => party.name.clone().unwrap_or_else(|| party.id.clone()),
    }
}

fn named(id: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
}

fn editable(field: &Explanation) -> &'static str {
    match (field.editable, field.createable) {
        (true, _) => "yes",
        (false, true) => "on create",
        (false, false) => "no",
    }
}

fn place(at: &EditAt) -> String {
    let field = format!("{}.{}", at.object, at.field);
    match &at.record {
        Some(record) => format!("{field} of {record}"),
        None => field,
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 {
        return format!("1 {what}");
    }
    format!("{count} {what}s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explanation::Lock;
    use crate::links::Outcome;

    fn known(id: &str, name: &str) -> Party {
        Party {
            id: id.to_owned(),
            name: Some(name.to_owned()),
        }
    }

    fn still(party: Option<Party>) -> Link {
        Link {
            before: party.clone(),
            after: party,
            changed: false,
            left: None,
        }
    }

    fn moved(before: Party, after: Party) -> Link {
        Link {
            before: Some(before),
            after: Some(after),
            changed: true,
            left: None,
        }
    }

    fn relinked() -> Report {
        let user = LinkedUser {
            id: "0PA1".to_owned(),
            name: Some("+1 555 0100".to_owned()),
            outcome: Outcome::Changed,
            account: Some(moved(known("001A", "Sample"), known("001B", "Test1"))),
            contact: Some(still(None)),
            sessions: 14,
            left: None,
        };
        Report {
            id: Some("HW11".to_owned()),
            dry_run: false,
            undo_of: None,
            messaging_users: vec![user],
            changed: 1,
            sessions_affected: 14,
        }
    }

    #[test]
    fn a_relink_shows_before_and_after_and_how_to_undo_it() {
        assert_eq!(
            report(&relinked()),
            "Relink HW11 is done.\n\n\
             Messaging User      Account         Contact           Sessions\n\
             +1 555 0100 (0PA1)  Sample → Test1  none (unchanged)  14\n\n\
             Affects 14 sessions of 1 Messaging User.\n\
             To undo it: headwater relink --undo HW11\n"
        );
    }

    #[test]
    fn a_dry_run_says_that_nothing_is_changed() {
        let answer = Report {
            id: None,
            dry_run: true,
            ..relinked()
        };
        let text = report(&answer);
        assert!(text.starts_with("Dry run of the relink: nothing is changed.\n"));
        assert!(text.ends_with("Would affect 14 sessions of 1 Messaging User.\n"));
    }

    #[test]
    fn an_undo_says_what_it_left_alone_and_why() {
        let mut answer = Report {
            undo_of: Some("HW10".to_owned()),
            ..relinked()
        };
        let contact = answer.messaging_users[0].contact.as_mut().unwrap();
        contact.left = Some("it has been changed since.".to_owned());
        let text = report(&answer);
        assert!(text.starts_with("Relink HW10 is undone, by relink HW11.\n"));
        assert!(text.contains("none (left alone)"));
        assert!(
            text.contains(
                "The contact of +1 555 0100 was left alone: it has been changed since.\n"
            )
        );
    }

    #[test]
    fn fields_are_listed_with_the_place_to_edit_and_the_reason() {
        let lock = Lock {
            rule: "inherited".to_owned(),
            reason: "It comes from the Messaging User.".to_owned(),
            edit_at: Some(EditAt {
                object: "MessagingEndUser".to_owned(),
                field: "AccountId".to_owned(),
                record: None,
                sessions: None,
                editable: true,
                url: None,
            }),
            granted_by: None,
        };
        let field = |name: &str, lock: Option<Lock>| Explanation {
            object: "MessagingSession".to_owned(),
            field: name.to_owned(),
            label: "Account ID".to_owned(),
            record: None,
            editable: lock.is_none(),
            createable: lock.is_none(),
            lock,
        };
        let answer = Explanations {
            object: "MessagingSession".to_owned(),
            label: "Messaging Session".to_owned(),
            record: None,
            fields: vec![field("EndUserAccountId", Some(lock)), field("CaseId", None)],
        };
        assert_eq!(
            explanations(&answer),
            "MessagingSession (Messaging Session)\n\n\
             Field             Label       Editable  Edit at                     Why not\n\
             EndUserAccountId  Account ID  no        MessagingEndUser.AccountId  \
             It comes from the Messaging User.\n\
             CaseId            Account ID  yes\n"
        );
    }
}
