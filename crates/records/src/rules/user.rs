//! Users.

use super::Rule;
use crate::change::Change;
use crate::error::Problem;
use crate::validate::like_email;

/// A username has the shape of a mail address, though no mail need reach it.
pub(super) const USERNAME: Rule = Rule {
    objects: &["User"],
    when: &["Username"],
    knows: &[],
    apply: username,
};

fn username(change: &mut Change<'_>) {
    let Some(username) = change.given("Username").and_then(|value| value.as_text()) else {
        return;
    };
    if !like_email(username) {
        let value = username.to_owned();
        change.refuse(Problem::BadEmail {
            field: "Username".into(),
            label: "Username".into(),
            value,
        });
    }
}
