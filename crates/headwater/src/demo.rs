//! The demo org: a believable world around one Messaging User who is linked to the wrong account.
//!
//! What is in it stands in `demo/world.toml` and `demo/sessions.toml`. A start that was cut off in
//! the middle is continued by the next one: what is there already is recognised and left alone.

mod conversation;
mod mark;
mod record;
mod world;

use headwater_records::Org;
use headwater_records::login::Secret;

use crate::administration::{id_of, is_unpeopled, made_up_password, refused_login, set_password};
use crate::failure::{Context as _, Failure, Outcome};
use mark::Mark;

/// The demo's users, whom the first lines of a start name.
pub const USERS: [&str; 3] = [
    "admin@headwater.example",
    "agent@headwater.example",
    "viewer@headwater.example",
];

/// Whom the first lines of a start give a link that logs in: the agent, whose story the demo tells,
/// and the administrator.
const LINKED: [&str; 2] = [USERS[1], USERS[0]];

/// The codes of links that log in once, with whom.
///
/// # Errors
/// When the database does not answer.
pub async fn links(org: &Org) -> Outcome<Vec<(&'static str, Secret)>> {
    let mut links = Vec::new();
    for username in LINKED {
        let user = id_of(org, "User", "Username", username).await?;
        let code = org.login_link(user).await;
        links.push((username, code.map_err(|error| refused_login(&error))?));
    }
    Ok(links)
}

/// Sees to it that the org is a whole demo org; gives its users' password.
///
/// # Errors
/// When the database holds an org that is no demo, or something cannot be written.
pub async fn fill(org: &Org, chosen: Option<&str>) -> Outcome<String> {
    let turn = org.store().turn("demo").await;
    let _turn = turn.doing("the database does not answer")?;
    let mut mark = match Mark::read(org).await? {
        Some(mark) => mark,
        None if is_unpeopled(org).await? => {
            let mark = Mark {
                filled: false,
                password: made_up_password(org.randomness()),
            };
            mark.write(org).await?;
            mark
        }
        None => {
            return Err(Failure::refused(
                "the database holds an org that is not a demo; start it without --demo, or name \
                 another directory with --data, or another database with --database",
            ));
        }
    };
    let changed = chosen.filter(|chosen| *chosen != mark.password);
    let is_new = !mark.filled;
    if is_new {
        world::fill(org).await?;
    }
    if let Some(chosen) = changed {
        chosen.clone_into(&mut mark.password);
    }
    if is_new || changed.is_some() {
        for username in USERS {
            set_password(org, username.to_owned(), Some(mark.password.clone())).await?;
        }
        mark.filled = true;
        mark.write(org).await?;
    }
    Ok(mark.password)
}
