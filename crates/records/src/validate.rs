//! From what a door read to a value of the field's kind, or what is wrong with it.

mod content;
mod moment;
mod number;
mod text;

use headwater_catalogue::{Catalogue, Field, Id, Kind, Value, ValueType};

use crate::draft::Input;
use crate::error::Problem;

pub(crate) use content::bytes;
pub(crate) use text::like_email;

/// The value that an input means for a field.
pub(crate) fn value(catalogue: &Catalogue, field: &Field, input: &Input) -> Result<Value, Problem> {
    match input {
        Input::Null => Ok(empty(field)),
        Input::Value(value) => typed(catalogue, field, value),
        Input::Text(written) => of_text(catalogue, field, written),
        Input::Number(digits) => of_number(field, digits),
        Input::Boolean(on) => of_boolean(field, *on),
        Input::Bytes(_) => Err(wrong_type(field, "a file")),
        Input::Parent { value, .. } => Err(wrong_type(field, value)),
    }
}

/// What an emptied field holds: a checkbox is never null.
fn empty(field: &Field) -> Value {
    match field.kind {
        Kind::Boolean => Value::Boolean(false),
        _ => Value::Null,
    }
}

fn of_text(catalogue: &Catalogue, field: &Field, written: &str) -> Result<Value, Problem> {
    match &field.kind {
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Url { .. }
        | Kind::Picklist(_)
        | Kind::MultiPicklist(_)
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. }
        | Kind::Any => text::value(field, written),
        // Address has no column; a body that names it is refused before its value is looked at. Bytes
        // are no value: see [`bytes`].
        Kind::Address { .. } | Kind::Base64(_) => Err(wrong_type(field, written)),
        Kind::Boolean => boolean(field, written),
        Kind::Integer { .. } | Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) => {
            non_empty(written, |digits| number::value(field, digits))
        }
        Kind::Date => non_empty(written, |text| {
            let date = moment::date(text).ok_or_else(|| wrong_type(field, text))?;
            moment::in_range(date)
                .then_some(Value::Date(date))
                .ok_or_else(|| out_of_range(field, text))
        }),
        Kind::DateTime => non_empty(written, |text| {
            let at = moment::datetime(text).ok_or_else(|| wrong_type(field, text))?;
            Ok(Value::DateTime(at))
        }),
        Kind::Time => non_empty(written, |text| {
            let time = moment::time(text).ok_or_else(|| wrong_type(field, text))?;
            Ok(Value::Time(time))
        }),
        Kind::Id | Kind::Reference(_) => {
            non_empty(written, |text| reference(catalogue, field, text))
        }
    }
}

/// Text that means "no value" when it is empty.
fn non_empty(
    written: &str,
    value: impl FnOnce(&str) -> Result<Value, Problem>,
) -> Result<Value, Problem> {
    match written.trim() {
        "" => Ok(Value::Null),
        written => value(written),
    }
}

fn of_number(field: &Field, digits: &str) -> Result<Value, Problem> {
    match field.kind.value_type() {
        ValueType::Integer | ValueType::Decimal { .. } => number::value(field, digits),
        // Salesforce takes a number where a text is wanted, as its digits.
        ValueType::Text => text::value(field, digits),
        ValueType::Boolean
        | ValueType::Id
        | ValueType::Date
        | ValueType::DateTime
        | ValueType::Time
        | ValueType::Double => Err(wrong_type(field, digits)),
    }
}

fn of_boolean(field: &Field, on: bool) -> Result<Value, Problem> {
    match field.kind.value_type() {
        ValueType::Boolean => Ok(Value::Boolean(on)),
        ValueType::Text => text::value(field, if on { "true" } else { "false" }),
        ValueType::Integer
        | ValueType::Decimal { .. }
        | ValueType::Id
        | ValueType::Date
        | ValueType::DateTime
        | ValueType::Time
        | ValueType::Double => Err(wrong_type(field, if on { "true" } else { "false" })),
    }
}

fn boolean(field: &Field, written: &str) -> Result<Value, Problem> {
    match written.trim() {
        "" => Ok(Value::Boolean(false)),
        text if text.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        text if text.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        text => Err(wrong_type(field, text)),
    }
}

/// A value from our own code: of the right kind already, unless the code is wrong.
fn typed(catalogue: &Catalogue, field: &Field, value: &Value) -> Result<Value, Problem> {
    let kept = || Ok(value.clone());
    match (value, field.kind.value_type()) {
        (Value::Null, _) => Ok(empty(field)),
        (Value::Text(written), _) => of_text(catalogue, field, written),
        (Value::Id(id), ValueType::Id) => pointing(catalogue, field, *id),
        (Value::Integer(n), ValueType::Integer | ValueType::Decimal { .. }) => {
            number::value(field, &n.to_string())
        }
        (Value::Decimal(n), ValueType::Integer | ValueType::Decimal { .. }) => {
            number::value(field, &n.to_string())
        }
        (Value::DateTime(at), ValueType::DateTime) => Ok(Value::DateTime(moment::whole(*at))),
        (Value::Boolean(_), ValueType::Boolean)
        | (Value::Date(_), ValueType::Date)
        | (Value::Time(_), ValueType::Time) => kept(),
        _ => Err(wrong_type(field, &format!("{value:?}"))),
    }
}

fn reference(catalogue: &Catalogue, field: &Field, written: &str) -> Result<Value, Problem> {
    match written.parse::<Id>() {
        Ok(id) => pointing(catalogue, field, id),
        Err(_) => Err(wrong_id(field, written)),
    }
}

/// The id, if its prefix is that of an object the field may point to.
fn pointing(catalogue: &Catalogue, field: &Field, id: Id) -> Result<Value, Problem> {
    let Some(reference) = field.kind.as_reference() else {
        return Ok(Value::Id(id));
    };
    let fits = catalogue
        .object_of(id.prefix())
        .is_some_and(|object| reference.targets.names().contains(&object.name));
    if fits {
        Ok(Value::Id(id))
    } else {
        Err(wrong_id(field, id.as_str()))
    }
}

fn wrong_id(field: &Field, written: &str) -> Problem {
    Problem::WrongId {
        field: field.name.clone(),
        label: field.label.clone(),
        value: written.to_owned(),
    }
}

fn out_of_range(field: &Field, written: &str) -> Problem {
    Problem::OutOfRange {
        field: field.name.clone(),
        label: field.label.clone(),
        value: written.to_owned(),
    }
}

fn wrong_type(field: &Field, written: &str) -> Problem {
    Problem::WrongType {
        field: field.name.clone(),
        kind: kind_name(&field.kind),
        value: written.to_owned(),
    }
}

/// A kind as Salesforce's messages call it.
fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference(_) => "reference",
        Kind::Boolean => "boolean",
        Kind::Integer { .. } => "int",
        Kind::Double(_) => "double",
        Kind::Currency(_) => "currency",
        Kind::Percent(_) => "percent",
        Kind::Date => "date",
        Kind::DateTime => "datetime",
        Kind::Time => "time",
        Kind::Address { .. } => "address",
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Url { .. }
        | Kind::Picklist(_)
        | Kind::MultiPicklist(_)
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. }
        | Kind::Any => "string",
        Kind::Base64(_) => "base64",
    }
}
