//! What the form asks for: each link kept, cleared, or given another record, which script has chosen
//! or a name finds.

use headwater_records::Caller;
use headwater_records::relink::{Change, Expected, RelinkRequest};

use super::{ACCOUNT, CONTACT, Link};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::lookup;
use crate::record::Record;

/// What the form asks for.
pub(super) struct Wish {
    pub(super) request: RelinkRequest,
    /// What is wrong with single fields.
    pub(super) problems: Vec<(&'static str, String)>,
    /// The records that a text might have meant.
    pub(super) candidates: Vec<(&'static str, Vec<(String, String)>)>,
}

/// What the form asks for, with what was typed looked up.
pub(super) async fn wish(
    console: &Console,
    caller: &Caller,
    record: &Record,
    form: &Form,
    dry_run: bool,
) -> Result<Wish, Fault> {
    let mut wish = Wish {
        request: RelinkRequest {
            messaging_users: vec![record.id.to_string()],
            reason: form.filled("reason").map(str::to_owned),
            dry_run,
            ..RelinkRequest::default()
        },
        problems: Vec::new(),
        candidates: Vec::new(),
    };
    let account = change(console, caller, record, form, &ACCOUNT, &mut wish).await?;
    let contact = change(console, caller, record, form, &CONTACT, &mut wish).await?;
    wish.request.account = account;
    wish.request.contact = contact;
    if let Some(proposed) = form.filled("use-account-of-contact") {
        wish.request.account = Change::Set(proposed.to_owned());
    }
    if !dry_run && form.get("was.AccountId").is_some() {
        let expected = |link: &Link| match form.filled(&format!("was.{}", link.field)) {
            Some(id) => Change::Set(id.to_owned()),
            None => Change::Clear,
        };
        wish.request.expected = vec![Expected {
            messaging_user: record.id.to_string(),
            account: expected(&ACCOUNT),
            contact: expected(&CONTACT),
        }];
    }
    Ok(wish)
}

async fn change(
    console: &Console,
    caller: &Caller,
    record: &Record,
    form: &Form,
    link: &Link,
    wish: &mut Wish,
) -> Result<Change, Fault> {
    let name = |end: &str| format!("{}{end}", link.field);
    if let Some(chosen) = form.filled(&name(".chosen")) {
        return Ok(Change::Set(chosen.to_owned()));
    }
    let Some(typed) = form.get(&name(".search")).map(str::trim) else {
        return Ok(Change::Keep);
    };
    let current = record.cells().id(link.field).map(|id| id.to_string());
    let id = form.filled(link.field);
    let shown = form.get(&name(".shown")).map(str::trim);
    let set = |id: &str| {
        if current.as_deref() == Some(id) {
            Change::Keep
        } else {
            Change::Set(id.to_owned())
        }
    };
    if typed.is_empty() {
        return Ok(if current.is_some() {
            Change::Clear
        } else {
            Change::Keep
        });
    }
    match id {
        Some(id) if current.as_deref() != Some(id) || shown == Some(typed) => return Ok(set(id)),
        None if shown == Some(typed) => return Ok(Change::Keep),
        _ => {}
    }
    let Some(field) = record.object.field(link.field) else {
        return Ok(Change::Keep);
    };
    let found = lookup::find(console, caller, &record.object, field, typed).await?;
    match found.as_slice() {
        [(id, _)] => Ok(set(id)),
        [] => {
            let text = format!(
                "There is no {} “{typed}” that you may see.",
                link.object.to_lowercase()
            );
            wish.problems.push((link.field, text));
            Ok(Change::Keep)
        }
        several => {
            wish.problems
                .push((link.field, format!("“{typed}” fits several. Choose one.")));
            wish.candidates.push((link.field, several.to_vec()));
            Ok(Change::Keep)
        }
    }
}

impl Wish {
    /// Whether it asks for anything.
    pub(super) fn is_some(&self) -> bool {
        self.request.account != Change::Keep || self.request.contact != Change::Keep
    }

    /// The record that a link is to be given.
    pub(super) fn target(&self, link: &Link) -> Option<&str> {
        let change = if link.field == ACCOUNT.field {
            &self.request.account
        } else {
            &self.request.contact
        };
        match change {
            Change::Set(id) => Some(id),
            Change::Keep | Change::Clear => None,
        }
    }
}
