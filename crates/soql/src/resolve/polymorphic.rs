//! Fields behind a reference to one of several objects: `Owner.Name`, `What.Type`.

use headwater_catalogue::{Field, Name};

use super::path::{Content, id_of};
use super::{Resolver, field_at};
use crate::resolved::{Column, Expression};

/// The fields that a polymorphic parent shows: those of Salesforce's own object `Name`, apart from
/// `Id`, `Name` and `Type`, which are looked up differently.
const FIELDS_OF_NAME: [&str; 8] = [
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "Title",
    "Alias",
    "Username",
    "IsActive",
];

static ID: Field = Field::id();
static NAME: Field = Field::text("Name", 255);
static TYPE: Field = Field::text("Type", 40);

impl<'a> Resolver<'a> {
    /// A field behind a polymorphic reference: what Salesforce's object `Name` has.
    pub(super) fn field_of_several(
        &mut self,
        sources: &[usize],
        name: &str,
    ) -> Option<(&'a Field, Name, Content)> {
        let named = |field: &'static Field, expression| {
            Some((field, field.name.clone(), Content::Value(expression)))
        };
        if name.eq_ignore_ascii_case("Type") {
            return named(&TYPE, self.type_of(sources)?);
        }
        if name.eq_ignore_ascii_case("Id") {
            let ids = sources.iter().map(|source| id_of(*source)).collect();
            return named(&ID, first_of(ids)?);
        }
        if name.eq_ignore_ascii_case("Name") {
            let (_, choices) = self.choices(sources, |field| field.name_field)?;
            return named(&NAME, first_of(choices)?);
        }
        let known = FIELDS_OF_NAME
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))?;
        let (field, choices) = self.choices(sources, |field| field.name == **known)?;
        Some((
            field,
            field.name.clone(),
            Content::Value(first_of(choices)?),
        ))
    }

    /// The type of a polymorphic parent. A queue is a row of `Group`, and is called what its row
    /// says it is.
    fn type_of(&self, sources: &[usize]) -> Option<Expression> {
        let (groups, others): (Vec<usize>, Vec<usize>) = sources
            .iter()
            .partition(|source| self.objects[**source].name == "Group");
        let mut choices = Vec::new();
        for source in groups {
            let field = self.objects[source].position("Type")?;
            choices.push(Expression::Column(Column { source, field }));
        }
        if !others.is_empty() {
            choices.push(Expression::TypeName(others));
        }
        first_of(choices)
    }

    /// The fields that fit, one of each source that has one the caller sees.
    fn choices(
        &mut self,
        sources: &[usize],
        fits: impl Fn(&Field) -> bool,
    ) -> Option<(&'a Field, Vec<Expression>)> {
        let mut first = None;
        let mut choices = Vec::new();
        for source in sources {
            let object = self.objects[*source];
            let Some(place) = object.fields.iter().position(&fits) else {
                continue;
            };
            if self.context.sees_field(object, place) {
                first.get_or_insert(field_at(object, place));
                choices.extend(self.expression(*source, place));
            }
        }
        Some((first?, choices))
    }
}

fn first_of(mut choices: Vec<Expression>) -> Option<Expression> {
    match choices.len() {
        0 | 1 => choices.pop(),
        _ => Some(Expression::FirstOf(choices)),
    }
}
