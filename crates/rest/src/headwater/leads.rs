//! `leads/{id}/convert`: an account, a contact and an opportunity of a lead.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use headwater_records::convert::ConvertRequest;
use serde_json::json;

use super::relinks::{naming, strict};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Converts a lead.
pub(super) async fn convert(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: ConvertBody = strict(&call.body)?;
    let request = ConvertRequest {
        lead: call.parameter("id").to_owned(),
        status: body.converted_status,
        account: body.account_id,
        contact: body.contact_id,
        opportunity_name: body.opportunity_name,
        without_opportunity: body.do_not_create_opportunity,
        owner: body.owner_id,
    };
    let org = &call.state.org;
    let converted = org.convert_lead(&caller, &request).await.map_err(naming)?;
    let body = json!({
        "leadId": converted.lead.to_string(),
        "accountId": converted.account.to_string(),
        "contactId": converted.contact.to_string(),
        "opportunityId": converted.opportunity.map(|id| id.to_string()),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// The body, in the words of SOAP's call. A key that is not here is a mistake.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConvertBody {
    converted_status: Option<String>,
    account_id: Option<String>,
    contact_id: Option<String>,
    opportunity_name: Option<String>,
    #[serde(default)]
    do_not_create_opportunity: bool,
    owner_id: Option<String>,
}
