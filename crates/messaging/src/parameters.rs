//! What a customer's side hands over when a session begins, and the session's fields that it goes into.

use std::collections::BTreeMap;

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Input, literal};

use crate::conversation::whole;
use crate::error::Error;
use crate::local_time::{TIME_ZONE_FIELD, TIME_ZONE_PARAMETER};
use crate::messaging::Messaging;

/// Values by the names of their parameters.
pub type Parameters = BTreeMap<String, String>;

/// Most parameters of a channel.
pub const PARAMETERS_MAX: u64 = 50;

/// Most characters of a value when its parameter does not say.
const VALUE_CHARACTERS_MAX: usize = 255;

/// One parameter of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What the customer's side calls it.
    pub name: String,
    /// The field of the session that it goes into.
    pub field: String,
    /// What is asked in the form; none when it is not asked there.
    pub question: Option<String>,
    /// `Text`, `Email`, `Number`, `Phone`, `Checkbox` or `ChoiceList`.
    pub kind: String,
    /// What there is to choose from.
    pub choices: Vec<String>,
    /// Most characters of its value.
    pub characters_max: usize,
    /// Whether the form demands it.
    pub is_required: bool,
}

impl Parameter {
    /// Whether a value can be one of this parameter's.
    ///
    /// # Errors
    /// [`Error::Parameter`] says what is wrong.
    pub fn check(&self, value: &str) -> Result<(), Error> {
        let is_fine = match self.kind.as_str() {
            _ if value.is_empty() => true,
            "Email" => value
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.')),
            "Number" => value.parse::<f64>().is_ok_and(f64::is_finite),
            "Checkbox" => matches!(value, "true" | "false"),
            "ChoiceList" => self.choices.iter().any(|choice| choice == value),
            _ => true,
        };
        if !is_fine {
            return Err(self.wrong(match self.kind.as_str() {
                "Email" => "a mail address",
                "Number" => "a number",
                "Checkbox" => "true or false",
                _ => "one of the choices",
            }));
        }
        if value.chars().count() > self.characters_max {
            return Err(self.wrong(&format!("at most {} characters", self.characters_max)));
        }
        Ok(())
    }

    fn wrong(&self, wanted: &str) -> Error {
        Error::Parameter {
            name: self.name.clone(),
            wanted: wanted.to_owned(),
        }
    }
}

impl Messaging {
    /// The parameters of a channel, in the order of its form.
    ///
    /// # Errors
    /// The database's.
    pub async fn parameters(&self, channel: Id) -> Result<Vec<Parameter>, Error> {
        let soql = format!(
            "SELECT DeveloperName, SessionField, Question, Kind, Choices, MaxLength, IsRequired \
             FROM ChannelParameter WHERE MessagingChannelId = {} ORDER BY Position, DeveloperName",
            literal(channel.as_str())
        );
        let system = self.org().system();
        let table = self
            .org()
            .browse(&system, &soql, None, PARAMETERS_MAX)
            .await?;
        let parameters = table.rows().map(|row| {
            let choices = row.text("Choices").lines().map(str::trim);
            let choices = choices.filter(|choice| !choice.is_empty());
            let most = match row.get("MaxLength") {
                Value::Null => None,
                most => usize::try_from(whole(most)).ok(),
            };
            Parameter {
                name: row.text("DeveloperName").to_owned(),
                field: row.text("SessionField").to_owned(),
                question: row.get("Question").as_text().map(str::to_owned),
                kind: row.text("Kind").to_owned(),
                choices: choices.map(str::to_owned).collect(),
                characters_max: most.unwrap_or(VALUE_CHARACTERS_MAX),
                is_required: row.get("IsRequired").is_true(),
            }
        });
        Ok(parameters.collect())
    }

    /// The fields of a session that these values go into; what is no parameter of the channel's goes into
    /// none. The customer's time zone is one of every channel.
    pub(crate) async fn mapped(&self, channel: Id, values: &Parameters) -> Result<Draft, Error> {
        if values.is_empty() {
            return Ok(Draft::new());
        }
        let known = self.parameters(channel).await?;
        let mapped = known.iter().filter_map(|parameter| {
            let value = values.get(&parameter.name)?;
            Some((parameter.field.as_str(), Input::Text(value.clone())))
        });
        let mut draft = Draft::new();
        for (field, value) in mapped {
            draft.fields.push((field.to_owned(), value));
        }
        // A channel may have one of its own of this name, or another that leads there.
        let is_own = known
            .iter()
            .any(|one| one.name == TIME_ZONE_PARAMETER || one.field == TIME_ZONE_FIELD);
        if let Some(zone) = values.get(TIME_ZONE_PARAMETER).filter(|_| !is_own) {
            draft = draft.with(TIME_ZONE_FIELD, zone.as_str());
        }
        Ok(draft)
    }
}
