//! `explain=`: how a query would be run, in Salesforce's words.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::{Caller, LeadingOperation, PlanNote, QueryPlan};
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

pub(crate) async fn explain(call: &Call, caller: &Caller, soql: &str) -> Result<Response, Failure> {
    let plans = call.state.org.explain_query(caller, soql).await?;
    let plans: Vec<Value> = plans.iter().map(plan).collect();
    let body = json!({ "plans": plans, "sourceQuery": soql });
    Ok(answer::json(StatusCode::OK, &body))
}

fn plan(plan: &QueryPlan) -> Value {
    json!({
        "cardinality": plan.cardinality,
        "fields": plan.fields,
        "leadingOperationType": match plan.leading {
            LeadingOperation::Index => "Index",
            LeadingOperation::Sharing => "Sharing",
            LeadingOperation::TableScan => "TableScan",
            LeadingOperation::Other => "Other",
        },
        "notes": plan.notes.iter().map(note).collect::<Vec<_>>(),
        "relativeCost": plan.relative_cost,
        "sobjectCardinality": plan.records,
        "sobjectType": plan.object,
    })
}

fn note(note: &PlanNote) -> Value {
    json!({
        "description": note.description,
        "fields": note.fields,
        "tableEnumOrId": note.object,
    })
}
