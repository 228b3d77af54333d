//! `docs/relationship-fields.md` is what the catalogue says.
//!
//! `UPDATE_DOCS=1 cargo test -p headwater-catalogue` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use headwater_catalogue::{Catalogue, Field, Object, Source};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/relationship-fields.md");

const INTRODUCTION: &str = "\
# Where relationships are edited

This table is generated from the catalogue; `UPDATE_DOCS=1 cargo test -p headwater-catalogue` writes
it anew. A server says the same of its own org, custom fields included, and for the caller's own
rights: `headwater fields MessagingSession`, or `GET /services/headwater/v1/explain/MessagingSession/EndUserAccountId`.

A session has no account and no contact of its own. It shows those of its Messaging User: change them
there, and every session of that Messaging User, open or ended, shows the change at once.
";

#[test]
fn the_table_of_relationship_fields_in_the_docs_is_what_the_catalogue_says() {
    let catalogue = Catalogue::built_in().unwrap();
    let page = page(&catalogue);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(Path::new(PATH).parent().unwrap()).unwrap();
        fs::write(PATH, &page).unwrap();
    }
    let written = fs::read_to_string(PATH).unwrap_or_default();
    assert_eq!(written, page, "UPDATE_DOCS=1 writes the page anew");
}

fn page(catalogue: &Catalogue) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (name, noun) in [("MessagingSession", "session"), ("MessagingEndUser", "Messaging User")] {
        let object = catalogue.object(name).unwrap();
        write!(page, "\n## {} (`{name}`)\n\n", object.label).unwrap();
        write!(
            page,
            "| API name | Label | Editable on the {noun}? | Where to edit |\n|---|---|---|---|\n"
        )
        .unwrap();
        for field in object.fields.iter().filter(|f| is_listed(f)) {
            write_row(
                &mut page,
                "",
                field,
                editable(object, field),
                &place(catalogue, object, field),
            );
        }
    }
    page.push_str("\n## Other fields that come from another record\n\n");
    page.push_str("| API name | Label | Editable there? | Where to edit |\n|---|---|---|---|\n");
    for object in catalogue.objects().iter().filter(|o| !o.name.starts_with("Messaging")) {
        for field in object.fields.iter().filter(|f| f.inherited_path().is_some()) {
            let owner = format!("{}.", object.name);
            write_row(
                &mut page,
                &owner,
                field,
                editable(object, field),
                &place(catalogue, object, field),
            );
        }
    }
    page
}

fn is_listed(field: &Field) -> bool {
    !field.internal && (field.kind.as_reference().is_some() || field.inherited_path().is_some())
}

fn write_row(page: &mut String, owner: &str, field: &Field, editable: &str, place: &str) {
    writeln!(page, "| `{owner}{}` | {} | {editable} | {place} |", field.name, field.label).unwrap();
}

fn editable(object: &Object, field: &Field) -> &'static str {
    let on_create = field.createable && object.calls.create;
    let on_update = field.updateable && object.calls.update;
    match (on_create, on_update) {
        (true, true) => "yes",
        (true, false) => "only when it is created",
        (false, true) => "only afterwards",
        (false, false) => "no",
    }
}

fn place(catalogue: &Catalogue, object: &Object, field: &Field) -> String {
    let Source::Inherited(path) = &field.source else {
        return match (field.createable, field.updateable) {
            (_, true) => "here".to_owned(),
            (true, false) => "nowhere, once it is created".to_owned(),
            (false, false) => "nowhere: the server fills it".to_owned(),
        };
    };
    let source = catalogue.follow(object, path).unwrap();
    if source.field().inherited_path().is_some() {
        return place(catalogue, source.object, source.field());
    }
    let (from, through) = source.steps[0];
    let through = &from.fields[through].name;
    format!(
        "`{}.{}`, on the record that `{through}` names",
        source.object.name,
        source.field().name
    )
}
