//! `composite/graph`: several composite requests, each done as a whole or not at all.

use std::collections::{HashMap, HashSet};

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::Caller;
use serde::Serialize;

use super::part::{PartAnswer, Resource};
use super::reference::{halted, named};
use super::requests::{CompositeResponse, RequestBody, requests, shown, too_many};
use super::transaction::{self, Outcome, Request};
use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_body;

/// Most graphs of a request.
const GRAPHS_MAX: usize = 75;

/// Most parts of all graphs together.
const NODES_MAX: usize = 500;

/// Most parts in a row of which each refers to the one before.
const DEPTH_MAX: usize = 15;

/// Most different resources, by method and object, in one graph.
const KINDS_MAX: usize = 15;

/// After so many graphs that have failed, the others are not begun.
const FAILED_GRAPHS_MAX: usize = 14;

#[derive(serde::Deserialize)]
struct GraphsBody<'b> {
    #[serde(borrow)]
    graphs: Vec<GraphBody<'b>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphBody<'b> {
    graph_id: String,
    #[serde(borrow)]
    composite_request: Vec<RequestBody<'b>>,
}

#[derive(Serialize)]
struct Graphs<'a> {
    graphs: Vec<Graph<'a>>,
}

#[derive(Serialize)]
struct Graph<'a> {
    #[serde(rename = "graphId")]
    id: &'a str,
    #[serde(rename = "graphResponse")]
    response: CompositeResponse<'a>,
    #[serde(rename = "isSuccessful")]
    is_successful: bool,
}

/// `POST /composite/graph`.
pub(super) async fn graphs(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: GraphsBody<'_> = json_body(&call)?;
    if body.graphs.len() > GRAPHS_MAX {
        return Err(too_many("graphs", GRAPHS_MAX));
    }
    let nodes = body
        .graphs
        .iter()
        .map(|graph| graph.composite_request.len());
    if nodes.sum::<usize>() > NODES_MAX {
        return Err(too_many("nodes", NODES_MAX));
    }
    let mut seen = HashSet::new();
    let mut graphs = Vec::with_capacity(body.graphs.len());
    for graph in body.graphs {
        if !seen.insert(graph.graph_id.clone()) {
            let message = format!("Duplicate graphId '{}' in the request", graph.graph_id);
            return Err(Failure::bad_request("INVALID_INPUT", message));
        }
        let requests = requests(&call, graph.composite_request)?;
        check(&requests)?;
        graphs.push((graph.graph_id, requests));
    }
    let mut outcomes = Vec::with_capacity(graphs.len());
    let mut failed = 0;
    for (_, requests) in &graphs {
        let outcome = if failed >= FAILED_GRAPHS_MAX {
            not_begun(&call, requests.len())
        } else {
            transaction::all_or_none(&call, &caller, requests, may).await?
        };
        failed += usize::from(!outcome.is_success);
        outcomes.push(outcome);
    }
    let answered = graphs.iter().zip(&outcomes);
    let answered = answered.map(|((id, requests), outcome)| Graph {
        id,
        response: shown(requests, outcome),
        is_successful: outcome.is_success,
    });
    let body = Graphs {
        graphs: answered.collect(),
    };
    let body = serde_json::to_vec(&body).map_err(Failure::internal)?;
    Ok(json_bytes(StatusCode::OK, body.into()))
}

fn may(resource: Resource) -> bool {
    match resource {
        Resource::Row => true,
        Resource::Describe
        | Resource::Query
        | Resource::Collection
        | Resource::Other
        | Resource::Never => false,
    }
}

/// The limits of one graph.
fn check(requests: &[Request<'_>]) -> Result<(), Failure> {
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let mut kinds = HashSet::new();
    for request in requests {
        let body = request.body.map_or("", |body| body.get());
        let parents = named(&request.url).chain(named(body));
        let above = parents.filter_map(|parent| depths.get(parent)).max();
        let depth = above.copied().unwrap_or_default() + 1;
        if depth > DEPTH_MAX {
            return Err(too_many("levels of a graph", DEPTH_MAX));
        }
        depths.insert(&request.reference, depth);
        let object = request.url.split('/').nth(5).unwrap_or_default();
        kinds.insert((&request.method, object.to_ascii_lowercase()));
    }
    if kinds.len() > KINDS_MAX {
        return Err(too_many("different nodes of a graph", KINDS_MAX));
    }
    Ok(())
}

fn not_begun(call: &Call, parts: usize) -> Outcome {
    let message = "Too many graphs of the request have failed, so this one was not begun.";
    let answers = (0..parts).map(|_| PartAnswer::refusal(call, halted(message)));
    Outcome {
        answers: answers.collect(),
        is_success: false,
    }
}
