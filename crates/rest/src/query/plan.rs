//! `explain=`: how a query would be run, in Salesforce's words.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use headwater_soql::resolved::{Column, Expression, Filter, Query};
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

pub(crate) async fn explain(call: &Call, caller: &Caller, soql: &str) -> Result<Response, Failure> {
    let query = call.state.org.resolve(caller, soql)?;
    let object = query.object();
    let records = call.state.org.record_count(caller, &object.name).await?;
    let mut fields = Vec::new();
    indexed_fields(&query, &query.filter, &mut fields);
    let is_indexed = !fields.is_empty();
    let body = json!({
        "plans": [{
            "cardinality": records,
            "fields": fields,
            "leadingOperationType": if is_indexed { "Index" } else { "TableScan" },
            "notes": [],
            "relativeCost": if is_indexed { 0.1 } else { 1.0 },
            "sobjectCardinality": records,
            "sobjectType": object.name,
        }],
        "sourceQuery": soql,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// The fields of the filter's conjunction that have an index: ids, references and unique values.
fn indexed_fields(query: &Query, filter: &Filter, found: &mut Vec<String>) {
    let expression = match filter {
        Filter::And(all) => {
            for part in all {
                indexed_fields(query, part, found);
            }
            return;
        }
        Filter::Compare { left, .. } | Filter::In { left, .. } | Filter::InQuery { left, .. } => {
            left
        }
        Filter::Always
        | Filter::Never
        | Filter::Or(_)
        | Filter::Not(_)
        | Filter::IsNull(_)
        | Filter::Like { .. }
        | Filter::Includes { .. }
        | Filter::Found { .. } => return,
    };
    if let Expression::Column(Column { source, field }) = expression {
        let object = &query.sources[*source].object;
        let field = &object.fields[*field];
        let is_indexed = field.unique
            || field.external_id
            || field.name_field
            || field.kind.as_reference().is_some()
            || matches!(field.kind, headwater_catalogue::Kind::Id);
        if is_indexed {
            found.push(field.name.to_string());
        }
    }
}
