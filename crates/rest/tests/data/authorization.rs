//! Who may call what: every route, asked by nobody, a viewer, an agent and an administrator. A
//! route that is not in the golden fails the test until somebody has looked at its line.

use std::fmt::Write as _;

use headwater_rest::{Route, Who, routes};
use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};

const CALLERS: [Option<&str>; 4] = [None, Some(VIEWER), Some(AGENT), Some(ADMIN)];

/// The path of a route with something plausible in the place of each parameter.
fn path_of(route: &Route, account: &str) -> String {
    let segments = route.pattern.split('/').map(|segment| match segment {
        "{version}" if route.pattern.contains("/Soap/") => "58.0",
        "{version}" if route.pattern.contains("/async/") => "62.0",
        "{version}" => "v68.0",
        "{object}" if route.pattern.contains("/tooling/") => "CustomField",
        "{object}" => "Account",
        "{id}" if route.pattern.contains("/tooling/") => "00NHW0000000001",
        "{id}" => account,
        "{view}" => "all",
        "{field}" if route.pattern.contains("/composite/") => "Id",
        "{field}" => "Name",
        "{value}" => "x",
        "{record_type}" => "012000000000000AAA",
        "{user}" => "005HW0000000001",
        parameter if parameter.starts_with('{') => "x",
        word => word,
    });
    let path = segments.collect::<Vec<_>>().join("/");
    let end = match route.pattern.rsplit('/').next() {
        Some("query" | "queryAll") => "?q=SELECT+Id+FROM+User",
        Some("search" | "parameterizedSearch") => "?q=FIND+{sample}",
        Some("suggestions") => "?q=sample&sobject=Account",
        Some("updated" | "deleted") => "?start=2026-01-15T11:00:00Z&end=2026-01-15T12:00:00Z",
        _ if route.pattern.contains("/inspect/") => "?user=agent@headwater.example",
        _ => "",
    };
    path + end
}

#[tokio::test]
async fn every_route_answers_each_caller_as_the_golden_says() {
    let server = TestServer::start().await;
    let mut lines: Vec<String> = Vec::new();
    for route in routes() {
        let mut line = format!("{:6} {}", route.method, route.pattern);
        for caller in CALLERS {
            // A record of its own for each, so that what one deletes another still finds.
            let account = server.account("Sample").await.to_string();
            let path = path_of(&route, &account);
            let mut request = server.request(route.method.as_str(), &path);
            if let Some(user) = caller {
                request = request.as_(user);
            }
            if !matches!(route.method.as_str(), "GET" | "DELETE") {
                request = request.body("application/json", "{}");
            }
            let status = request.send().await.status;
            // A SOAP fault is a 500 by its protocol; 501 is what is refused for good.
            let is_fault = path.contains("/Soap/") || status == 501;
            assert!(status < 500 || is_fault, "{path}: {status}");
            if caller.is_none() && route.who() == Who::Caller {
                // Clients of Bulk API 1.0 look for 400 with a code in the body.
                let refused = if path.contains("/async/") { 400 } else { 401 };
                assert_eq!(status, refused, "{path} answers nobody");
            }
            let name = caller.map_or("nobody", |name| name.split('@').next().unwrap_or(name));
            write!(line, " {name} {status}").unwrap();
        }
        lines.push(line);
    }
    lines.sort();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("authorization", lines.join("\n"));
    });
}
