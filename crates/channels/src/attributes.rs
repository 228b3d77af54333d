//! What a customer's side hands over for the session that begins: `routingAttributes`, on web chat and on
//! channels of one's own.

use headwater_catalogue::Id;
use headwater_messaging::{Error, PARAMETERS_MAX, Parameters, TIME_ZONE_PARAMETER, is_time_zone};
use serde_json::{Map, Value};

use crate::door::Channels;

/// Why something is not taken.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It is none of the attributes that there can be; the text is for whoever sends it.
    Malformed(String),
    /// As messaging has it.
    Refused(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// What a client hands over as `routingAttributes`, once it fits the channel's parameters. What is no
/// parameter of the channel's is passed over, as Salesforce does.
pub(crate) async fn given(
    channels: &Channels,
    channel: Id,
    attributes: Option<Map<String, Value>>,
) -> Result<Parameters, Problem> {
    let mut given = Parameters::new();
    let attributes = attributes.unwrap_or_default();
    if attributes.is_empty() {
        return Ok(given);
    }
    let own = u64::from(attributes.contains_key(TIME_ZONE_PARAMETER));
    if attributes.len() as u64 - own > PARAMETERS_MAX {
        let message = format!("routingAttributes has at most {PARAMETERS_MAX} values");
        return Err(Problem::Malformed(message));
    }
    for parameter in channels.messaging.parameters(channel).await? {
        let value = match attributes.get(&parameter.name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Bool(on)) => on.to_string(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => {
                let message = format!("{} must be text, a number, true or false", parameter.name);
                return Err(Problem::Malformed(message));
            }
        };
        parameter.check(&value)?;
        given.insert(parameter.name, value);
    }
    // One of every channel. What is no time zone says nothing, and keeps no customer out.
    if let Some(Value::String(zone)) = attributes.get(TIME_ZONE_PARAMETER)
        && is_time_zone(zone)
    {
        given
            .entry(TIME_ZONE_PARAMETER.to_owned())
            .or_insert_with(|| zone.clone());
    }
    Ok(given)
}
