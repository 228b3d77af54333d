//! Queries resolved against the built-in catalogue.

mod resolving {
    mod goldens;
    mod groups;
    mod refusals;
    pub(crate) mod render;
    mod salad;
    mod values;
}

use headwater_catalogue::{Catalogue, Field, Id, KeyPrefix, Object};
use headwater_soql::{Context, Sight, SoqlError, parse, resolve, resolved};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// Sees all but the objects and the `Object.Field`s that are named.
struct AllBut(&'static [&'static str]);

impl Sight for AllBut {
    fn sees_object(&self, object: &Object) -> bool {
        !self.0.contains(&&*object.name)
    }

    fn sees_field(&self, object: &Object, field: usize) -> bool {
        let field: &Field = &object.fields[field];
        let path = format!("{}.{}", object.name, field.name);
        !self.0.contains(&&*path)
    }
}

/// Resolves for a user in Berlin, at 23:30 UTC on 2026-03-10, which is the 11th there.
fn resolved_for(sight: &dyn Sight, query: &str) -> Result<resolved::Query, SoqlError> {
    let catalogue = Catalogue::built_in().expect("the built-in objects make a catalogue");
    resolved_with(&catalogue, sight, query)
}

fn resolved_with(
    catalogue: &Catalogue,
    sight: &dyn Sight,
    query: &str,
) -> Result<resolved::Query, SoqlError> {
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    let context = Context {
        catalogue,
        sight,
        caller: Id::new(KeyPrefix::new("005"), 1),
        now: "2026-03-10T23:30:00Z".parse().expect("an instant"),
        zone: &zone,
        groups: &[],
        first_weekday: Weekday::Sunday,
        include_deleted: false,
    };
    resolve(&parse(query)?, &context)
}

/// The resolved query as text; the rendered message if there is none.
fn shown(query: &str) -> String {
    match resolved_for(&AllBut(&[]), query) {
        Ok(resolved) => resolving::render::render(&resolved),
        Err(error) => panic!("{}", error.render(query)),
    }
}

/// What only the WHERE clause of a query resolves to.
fn filter(object: &str, condition: &str) -> String {
    let query = format!("SELECT Id FROM {object} WHERE {condition}");
    match resolved_for(&AllBut(&[]), &query) {
        Ok(resolved) => resolving::render::filter(&resolved, &resolved.filter),
        Err(error) => panic!("{}", error.render(&query)),
    }
}
