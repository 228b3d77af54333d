//! A new custom object: its table, name and owner are there as soon as it is made.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::SystemPermission;
use headwater_records::CustomObjectSpec;
use maud::html;

use super::controls::{Line, Trouble, select};
use super::objects::{HERE, object_url};
use super::permission_sets::api_name;
use super::{Change, Viewer, crumbs, done, framed, refused};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::toast::Notice;
use crate::visitor::Visitor;

/// Who reaches records that they do not own, each by its name in the metadata.
const SHARING: [(&str, &str); 3] = [
    (
        "ReadWrite",
        "Everybody with the right on the object reads and edits every record",
    ),
    ("Read", "Everybody reads every record; owners edit theirs"),
    ("Private", "Owners alone see and edit theirs"),
];

pub(super) async fn ask(
    State(console): State<Console>,
    Viewer(visitor): Viewer,
) -> Result<Response, Fault> {
    super::may(&visitor, SystemPermission::CustomizeApplication)?;
    page(&console, visitor, &Form::default(), &Trouble::default()).await
}

pub(super) async fn make(
    State(console): State<Console>,
    Change { visitor, form }: Change,
) -> Result<Response, Fault> {
    let text = |name| form.filled(name).map(str::to_owned);
    let label = text("label").unwrap_or_default();
    let name = text("fullName").unwrap_or_else(|| api_name(&label));
    let url = object_url(&format!("{}__c", name.trim_end_matches("__c")));
    let spec = CustomObjectSpec {
        name,
        label,
        plural: text("plural").unwrap_or_default(),
        description: text("description"),
        sharing: text("sharingModel"),
        name_label: text("nameLabel"),
        auto_number: text("displayFormat"),
    };
    match console
        .org
        .create_custom_object(&visitor.caller, spec)
        .await
    {
        Ok(_) => Ok(done(&url, Notice::Made)),
        Err(error) => {
            let trouble = Trouble::of(error)?;
            let response = page(&console, visitor, &form, &trouble).await?;
            Ok(refused(response, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

async fn page(
    console: &Console,
    visitor: Visitor,
    form: &Form,
    trouble: &Trouble,
) -> Result<Response, Fault> {
    let line = |name: &str, label: &str, hint: &str, required: bool| {
        let value = form.get(name).unwrap_or_default();
        Line {
            name,
            label,
            value,
            hint,
            required,
        }
        .show(trouble)
    };
    let sharing: Vec<_> = SHARING
        .iter()
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect();
    let shared = form.get("sharingModel").unwrap_or("ReadWrite");
    let main = html! {
        (crumbs(&[(HERE, "Objects")]))
        header .page-head { h1 { "New object" } }
        form .sheet.form.whole method="post" action={ (HERE) "/new" } {
            (visitor.token_field())
            (trouble.show())
            div .grid.two {
                (line("label", "Label", "What people call one record: Invoice.", true))
                (line("plural", "For several", "Invoices. Made of the label when left empty.", false))
                (line("fullName", "API name", "What programs call it; made of the label when left empty. It gets the ending __c.", false))
                (line("nameLabel", "Label of the record's name", "Such as Invoice Number.", false))
                (line("displayFormat", "Number records", "A format such as INV-{0000}; left empty, people name them.", false))
                (select("sharingModel", "Who reaches the records", "", shared, &sharing, trouble))
            }
            (line("description", "Description", "For those who set up.", false))
            div .ways.foot {
                button .primary data-key="ctrl enter" { "Make the object" }
                a .button.quiet href=(HERE) { "Cancel" }
            }
        }
    };
    framed(console, visitor, HERE, "New object", &main).await
}
