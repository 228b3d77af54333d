//! The body of a create or update: JSON text to a draft, with every number's digits as they stood.

mod mistake;
pub(crate) mod multipart;

use std::fmt;

use headwater_records::{Draft, Error, Input, Problem};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::call::Call;
use crate::error::{ErrorItem, Failure, wrong_type};

pub(crate) use mistake::json_failure;

/// A record's fields as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordBody<'b> {
    text: &'b str,
}

impl<'b> RecordBody<'b> {
    /// The body of a call that must be JSON.
    pub(crate) fn of(call: &'b Call) -> Result<Self, Failure> {
        call.expect_json()?;
        Self::of_bytes(&call.body)
    }

    /// A body that is known to be JSON.
    pub(crate) fn of_bytes(bytes: &'b [u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let (line, column) = mistake::line_and_column(bytes, error.valid_up_to());
            Failure::json("Invalid UTF-8 in the body", line, column)
        })?;
        if text.trim_ascii().is_empty() {
            let message = "The HTTP entity body is required, but this request has no entity body.";
            return Err(Failure::bad_request("JSON_PARSER_ERROR", message));
        }
        Ok(Self { text })
    }

    /// The draft it says. `attributes`, which clients send back as they got it, is left out.
    pub(crate) fn draft(self) -> Result<Draft, Failure> {
        let mut draft = Draft::new();
        for (name, raw) in self.fields()? {
            if name != "attributes" {
                let input = self.input(&name, raw)?;
                draft.fields.push((name, input));
            }
        }
        Ok(draft)
    }

    /// The draft without one field, and what that one holds; none when it is absent or null.
    pub(crate) fn draft_and(self, field: &str) -> Result<(Draft, Option<String>), Failure> {
        let mut draft = self.draft()?;
        let is_it = |(name, _): &(String, Input)| name.eq_ignore_ascii_case(field);
        let place = draft.fields.iter().position(is_it);
        let value = match place.map(|place| draft.fields.remove(place)) {
            None | Some((_, Input::Null)) => None,
            Some((_, Input::Text(text) | Input::Number(text))) => Some(text),
            Some((_, Input::Boolean(on))) => Some(on.to_string()),
            Some((name, Input::Value(_) | Input::Bytes(_) | Input::Parent { .. })) => {
                let message = format!("The field {name} cannot be an object here");
                return Err(Failure::bad_request("JSON_PARSER_ERROR", message));
            }
        };
        Ok((draft, value))
    }

    /// The draft, and apart from it the records that refer to this one, by relationship:
    /// `"Contacts": {"records": […]}`.
    pub(crate) fn draft_and_children(self) -> Result<(Draft, Vec<Children<'b>>), Failure> {
        #[derive(serde::Deserialize)]
        struct Records<'b> {
            #[serde(borrow)]
            records: Vec<&'b RawValue>,
        }
        let (mut draft, mut children) = (Draft::new(), Vec::new());
        for (name, raw) in self.fields()? {
            let text = raw.get();
            if name == "attributes" {
                continue;
            }
            if text.starts_with('{')
                && let Ok(Records { records }) = serde_json::from_str::<Records<'b>>(text)
            {
                children.push(Children { name, records });
            } else {
                let input = self.input(&name, raw)?;
                draft.fields.push((name, input));
            }
        }
        Ok((draft, children))
    }

    /// What `attributes` says of the record, where several come together.
    pub(crate) fn attributes(self) -> Result<Attributes, Failure> {
        let fields = self.fields()?;
        let attributes = fields.iter().find(|(name, _)| name == "attributes");
        let Some((_, raw)) = attributes else {
            return Ok(Attributes::default());
        };
        serde_json::from_str(raw.get()).map_err(|_| self.cannot_be("attributes", raw))
    }

    /// Refuses a body that names a field which the address names already.
    pub(crate) fn without(self, field: &str) -> Result<Self, Failure> {
        let fields = self.fields()?;
        match fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(field))
        {
            Some((name, _)) => Err(Failure::bad_request(
                "INVALID_FIELD",
                format!("The {name} field should not be specified in the sobject data."),
            )),
            None => Ok(self),
        }
    }

    /// The refusal of `records`, with the places of wrong values put in: only the text knows them.
    pub(crate) fn refusal(self, error: Error) -> Failure {
        let wrong: Vec<_> = match &error {
            Error::Invalid(problems) => problems
                .iter()
                .enumerate()
                .filter_map(|(place, problem)| Some((place, self.wrong_type(problem)?)))
                .collect(),
            _ => Vec::new(),
        };
        let mut failure = Failure::from(error);
        for (place, message) in wrong {
            if let Some(item) = failure.errors.get_mut(place) {
                *item = ErrorItem::new("JSON_PARSER_ERROR", message);
            }
        }
        failure
    }

    fn wrong_type(self, problem: &Problem) -> Option<String> {
        let Problem::WrongType { field, kind, value } = problem else {
            return None;
        };
        let fields = self.fields().ok()?;
        let (_, raw) = fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(field))?;
        let (line, column) = self.place(raw);
        Some(wrong_type(kind, token(raw.get()), value, line, column))
    }

    fn fields(self) -> Result<Vec<(String, &'b RawValue)>, Failure> {
        match serde_json::from_str::<Fields<'b>>(self.text) {
            Ok(fields) => Ok(fields.0),
            Err(error) => Err(json_failure(self.text, &error)),
        }
    }

    fn input(self, name: &str, raw: &RawValue) -> Result<Input, Failure> {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => Ok(Input::Text(self.string(text)?)),
            Some(b't') => Ok(Input::Boolean(true)),
            Some(b'f') => Ok(Input::Boolean(false)),
            Some(b'n') => Ok(Input::Null),
            Some(b'{') => self.parent(name, raw),
            Some(b'[') => Err(self.cannot_be(name, raw)),
            _ => Ok(Input::Number(text.to_owned())),
        }
    }

    /// A parent named by one of its fields: `"Account": {"Ext__c": "x"}`.
    fn parent(self, name: &str, raw: &RawValue) -> Result<Input, Failure> {
        let fields = serde_json::from_str::<Fields<'_>>(raw.get());
        let Ok(Fields(mut fields)) = fields else {
            return Err(self.cannot_be(name, raw));
        };
        fields.retain(|(name, _)| name != "attributes");
        let [(field, value)] = &fields[..] else {
            return Err(self.cannot_be(name, raw));
        };
        let value = match value.get().as_bytes().first() {
            Some(b'"') => self.string(value.get())?,
            Some(b'{' | b'[' | b'n') => return Err(self.cannot_be(name, raw)),
            _ => value.get().to_owned(),
        };
        Ok(Input::Parent {
            field: field.clone(),
            value,
        })
    }

    fn string(self, text: &str) -> Result<String, Failure> {
        serde_json::from_str(text).map_err(|error| json_failure(self.text, &error))
    }

    fn cannot_be(self, name: &str, raw: &RawValue) -> Failure {
        let (line, column) = self.place(raw);
        let token = token(raw.get());
        Failure::json(
            &format!("Cannot deserialize the value of {name} out of {token} token"),
            line,
            column,
        )
    }

    /// Where a value stands: it is a part of the text.
    fn place(self, raw: &RawValue) -> (usize, usize) {
        let offset = raw
            .get()
            .as_ptr()
            .addr()
            .wrapping_sub(self.text.as_ptr().addr());
        mistake::line_and_column(self.text.as_bytes(), offset.min(self.text.len()))
    }
}

/// Records that refer to the one they stand in.
#[derive(Debug)]
pub(crate) struct Children<'b> {
    /// What the relationship is called.
    pub(crate) name: String,
    pub(crate) records: Vec<&'b RawValue>,
}

/// What a record among several says of itself.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Attributes {
    #[serde(rename = "type")]
    pub(crate) object: Option<String>,
    #[serde(rename = "referenceId")]
    pub(crate) reference_id: Option<String>,
}

/// The body of a call that must be JSON of this form.
pub(crate) fn json_body<'b, T: Deserialize<'b>>(call: &'b Call) -> Result<T, Failure> {
    let body = RecordBody::of(call)?;
    serde_json::from_str(body.text).map_err(|error| json_failure(body.text, &error))
}

/// What the parser Salesforce uses calls a value.
fn token(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'"') => "VALUE_STRING",
        Some(b't') => "VALUE_TRUE",
        Some(b'f') => "VALUE_FALSE",
        Some(b'n') => "VALUE_NULL",
        Some(b'{') => "START_OBJECT",
        Some(b'[') => "START_ARRAY",
        _ if text.contains(['.', 'e', 'E']) => "VALUE_NUMBER_FLOAT",
        _ => "VALUE_NUMBER_INT",
    }
}

/// An object's keys and values in their order, values unread.
pub(crate) struct Fields<'b>(pub(crate) Vec<(String, &'b RawValue)>);

impl<'de: 'b, 'b> Deserialize<'de> for Fields<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if fields
                        .iter()
                        .any(|(known, _)| known.eq_ignore_ascii_case(&name))
                    {
                        return Err(M::Error::custom(format!("Duplicate field '{name}'")));
                    }
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Result<Draft, Failure> {
        RecordBody::of_bytes(text.as_bytes())?.draft()
    }

    fn complaint(text: &str) -> String {
        let failure = draft(text).unwrap_err();
        assert_eq!(
            (failure.status.as_u16(), failure.errors[0].code),
            (400, "JSON_PARSER_ERROR")
        );
        failure.errors[0].message.clone()
    }

    #[test]
    fn fields_keep_their_order_and_numbers_their_digits() {
        let draft = draft(
            r#"{"attributes":{"type":"Account"},"Name":"Sm\u00eethe","AnnualRevenue":123456789012345678.90,
                "IsX":true,"Phone":null,"Parent":{"attributes":{},"Ext__c":7}}"#,
        )
        .unwrap();
        let parent = Input::Parent {
            field: "Ext__c".to_owned(),
            value: "7".to_owned(),
        };
        let expected = [
            ("Name", Input::Text("Smîthe".to_owned())),
            (
                "AnnualRevenue",
                Input::Number("123456789012345678.90".to_owned()),
            ),
            ("IsX", Input::Boolean(true)),
            ("Phone", Input::Null),
            ("Parent", parent),
        ];
        let expected = expected.map(|(name, input)| (name.to_owned(), input));
        assert_eq!(draft.fields, expected);
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        assert_eq!(
            complaint("{\n  x}"),
            "Unexpected character ('x' (code 120)): key must be a string at [line:2, column:3]"
        );
        assert!(complaint("{\"a\":").starts_with("Unexpected end-of-input"));
        assert!(complaint("[1]").contains("an object of fields"));
        assert!(complaint("{\"a\":1,\"A\":2}").starts_with("Duplicate field 'A' at [line:1"));
        assert!(complaint("").starts_with("The HTTP entity body is required"));
        assert!(
            complaint("{\"a\":[1]}").ends_with("out of START_ARRAY token at [line:1, column:6]")
        );
    }

    #[test]
    fn a_wrong_value_is_told_with_its_place_in_the_body() {
        let body = RecordBody::of_bytes(b"{\"Name\":\"x\",\n \"CloseDate\":\"soon\"}").unwrap();
        let problem = Problem::WrongType {
            field: "CloseDate".into(),
            kind: "date",
            value: "soon".to_owned(),
        };
        let failure = body.refusal(Error::Invalid(vec![problem]));
        assert_eq!(
            failure.errors[0].message,
            "Cannot deserialize instance of date from VALUE_STRING value soon or request may be \
             missing a required field at [line:2, column:14]"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let _ = RecordBody::of_bytes(&bytes).and_then(RecordBody::draft);
        }
    }
}
