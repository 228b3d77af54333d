//! The route table: which handler answers which method and path, and who may call it.
//!
//! A path is split on `/` first and each segment decoded after, so that `Ext__c/a%2Fb` stays one
//! value. Words compare ignoring case, as clients spell them differently. Among routes that fit, a
//! word wins over a parameter, segment by segment from the left.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use headwater_records::Caller;
use percent_encoding::percent_decode_str;

use crate::call::Call;
use crate::error::Failure;
use crate::serve::Meters;

/// What a handler becomes: an answer some time.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

type ForNobody = Arc<dyn Fn(Call) -> Answering + Send + Sync>;
type ForCaller = Arc<dyn Fn(Call, Caller) -> Answering + Send + Sync>;
type ForUpload = Arc<dyn Fn(Call, Caller, Body) -> Answering + Send + Sync>;

/// One line of the table.
#[derive(Clone)]
pub struct Route {
    /// The method. A `GET` answers `HEAD` too.
    pub method: Method,
    /// The path: words, `{parameter}`s, and at most one `{*rest}` at the end that takes any number
    /// of segments.
    pub pattern: &'static str,
    /// What answers, which also says who may call.
    pub handler: Handler,
    /// Where its answers are counted.
    pub(crate) meters: Arc<Meters>,
    /// Most bytes of a body, where that is not what the settings say for its kind.
    pub(crate) body_bytes_max: Option<usize>,
}

/// What answers a route. A handler that wants a caller is never run without one.
#[derive(Clone)]
pub enum Handler {
    /// Everybody may call.
    Nobody(ForNobody),
    /// Only with a valid access token.
    Caller(ForCaller),
    /// The same, with the body as it comes, which the call is without: it may be of any length, so
    /// the handler bounds it.
    Upload(ForUpload),
}

/// Who may call a route at all; what they may do there is `records`' to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Nobody,
    /// Holders of a valid access token.
    Caller,
}

impl Route {
    /// A route everybody may call.
    pub fn nobody<F, A>(method: Method, pattern: &'static str, handler: F) -> Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let handler = Handler::Nobody(Arc::new(move |call| Box::pin(handler(call))));
        Self::new(method, pattern, handler)
    }

    /// A route that takes a valid access token.
    pub fn caller<F, A>(method: Method, pattern: &'static str, handler: F) -> Self
    where
        F: Fn(Call, Caller) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let handler = Handler::Caller(Arc::new(move |call, caller| {
            Box::pin(handler(call, caller))
        }));
        Self::new(method, pattern, handler)
    }

    /// A route that takes a valid access token, and its body as it comes.
    pub fn upload<F, A>(method: Method, pattern: &'static str, handler: F) -> Self
    where
        F: Fn(Call, Caller, Body) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        let handler = Handler::Upload(Arc::new(move |call, caller, body| {
            Box::pin(handler(call, caller, body))
        }));
        Self::new(method, pattern, handler)
    }

    fn new(method: Method, pattern: &'static str, handler: Handler) -> Self {
        Self {
            method,
            pattern,
            handler,
            meters: Arc::default(),
            body_bytes_max: None,
        }
    }

    /// The same, which takes bodies of so many bytes though nobody is known to call: what says who
    /// calls is in the body.
    pub(crate) fn with_body_bytes(mut self, max: usize) -> Self {
        self.body_bytes_max = Some(max);
        self
    }

    /// Who may call it.
    pub fn who(&self) -> Who {
        match self.handler {
            Handler::Nobody(_) => Who::Nobody,
            Handler::Caller(_) | Handler::Upload(_) => Who::Caller,
        }
    }

    fn parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        segments(self.pattern).filter_map(parameter)
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.pattern, self.who())
    }
}

/// All routes, arranged for look-up.
#[derive(Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    words: Vec<(&'static str, Node)>,
    parameter: Option<Box<Node>>,
    /// Routes that end here.
    routes: Vec<usize>,
    /// Routes that take everything from here.
    rest: Vec<usize>,
}

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Found<'t> {
    /// A route.
    Route {
        /// The route.
        route: &'t Route,
        /// Its parameters' values, decoded.
        parameters: Parameters,
    },
    /// The path is there, with other methods: these.
    OtherMethods(Vec<&'t Method>),
    /// Nothing has this path.
    Nothing,
}

/// The values of a route's parameters.
#[derive(Debug, Clone, Default)]
pub struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// A parameter by name; empty when the route has none of that name.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }
}

impl RouteTable {
    /// Arranges routes for look-up.
    pub fn new(routes: Vec<Route>) -> Self {
        let mut root = Node::default();
        for (place, route) in routes.iter().enumerate() {
            root.insert(route.pattern, place);
        }
        Self { routes, root }
    }

    /// All routes, as they were given.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// What a method and an encoded path lead to.
    pub fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<&str> = segments(path).collect();
        let last = segments.last().copied().unwrap_or_default();
        let mut search = Search {
            table: self,
            last: without_format(last).0,
            method: if method == Method::HEAD {
                &Method::GET
            } else {
                method
            },
            segments: &segments,
            taken: Vec::new(),
            others: Vec::new(),
        };
        match search.visit(&self.root, 0) {
            Some((route, values)) => Found::Route {
                route,
                parameters: Parameters(route.parameters().zip(values).collect()),
            },
            None if search.others.is_empty() => Found::Nothing,
            None => Found::OtherMethods(search.others),
        }
    }
}

impl Node {
    fn insert(&mut self, pattern: &'static str, place: usize) {
        let mut node = self;
        for segment in segments(pattern) {
            if segment.starts_with("{*") {
                node.rest.push(place);
                return;
            }
            node = if parameter(segment).is_some() {
                node.parameter.get_or_insert_default()
            } else {
                node.word(segment)
            };
        }
        node.routes.push(place);
    }

    fn word(&mut self, word: &'static str) -> &mut Self {
        let known = self
            .words
            .iter()
            .position(|(w, _)| w.eq_ignore_ascii_case(word));
        let place = known.unwrap_or_else(|| {
            self.words.push((word, Self::default()));
            self.words.len() - 1
        });
        &mut self.words[place].1
    }
}

/// A walk down the table with the segments taken as parameters so far.
struct Search<'t, 'p> {
    table: &'t RouteTable,
    method: &'p Method,
    segments: &'p [&'p str],
    /// The last segment, without a format behind it.
    last: &'p str,
    taken: Vec<&'p str>,
    others: Vec<&'t Method>,
}

impl<'t> Search<'t, '_> {
    fn visit(&mut self, node: &'t Node, depth: usize) -> Option<(&'t Route, Vec<String>)> {
        let Some(segment) = self.segments.get(depth) else {
            return self.choose(&node.routes, None);
        };
        let is_last = depth + 1 == self.segments.len();
        for (word, child) in &node.words {
            let fits = segment.eq_ignore_ascii_case(word)
                || (is_last && self.last.eq_ignore_ascii_case(word));
            if fits && let Some(found) = self.visit(child, depth + 1) {
                return Some(found);
            }
        }
        if let Some(child) = &node.parameter {
            self.taken.push(segment);
            if let Some(found) = self.visit(child, depth + 1) {
                return Some(found);
            }
            self.taken.pop();
        }
        self.choose(&node.rest, Some(depth))
    }

    /// The route of these that takes the method, with its values.
    fn choose(
        &mut self,
        places: &'t [usize],
        rest_from: Option<usize>,
    ) -> Option<(&'t Route, Vec<String>)> {
        for place in places {
            let route = &self.table.routes[*place];
            if route.method == *self.method {
                return Some((route, self.values(route, rest_from)?));
            }
            if !self.others.contains(&&route.method) {
                self.others.push(&route.method);
            }
        }
        None
    }

    fn values(&self, route: &Route, rest_from: Option<usize>) -> Option<Vec<String>> {
        let mut values = Vec::with_capacity(self.taken.len() + 1);
        for (place, segment) in self.taken.iter().enumerate() {
            let is_end = place + 1 == self.taken.len() && route.pattern.ends_with('}');
            // A looked-up value may well end in `.json`; an object's name or an id never does.
            let segment = if is_end && !route.pattern.ends_with("{value}") {
                without_format(segment).0
            } else {
                segment
            };
            values.push(decode(segment)?);
        }
        if let Some(from) = rest_from {
            let rest: Option<Vec<String>> =
                self.segments[from..].iter().map(|s| decode(s)).collect();
            values.push(rest?.join("/"));
        }
        Some(values)
    }
}

/// The format a suffix of the last segment asks for: `limits.xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// What the server says when nothing else is asked for.
    Json,
    /// For those who ask.
    Xml,
}

/// A segment without its `.json` or `.xml`, and which it was.
pub(crate) fn without_format(segment: &str) -> (&str, Option<Format>) {
    match segment.rsplit_once('.') {
        Some((stem, "json" | "JSON")) => (stem, Some(Format::Json)),
        Some((stem, "xml" | "XML")) => (stem, Some(Format::Xml)),
        _ => (segment, None),
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_prefix('*').unwrap_or(name))
}

fn decode(segment: &str) -> Option<String> {
    if !segment.contains('%') {
        return Some(segment.to_owned());
    }
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    Some(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[(Method, &'static str)]) -> RouteTable {
        let nothing = |_: Call| async { Err(Failure::not_found()) };
        RouteTable::new(
            lines
                .iter()
                .map(|(method, pattern)| Route::nobody(method.clone(), pattern, nothing))
                .collect(),
        )
    }

    fn rows() -> RouteTable {
        table(&[
            (Method::GET, "/s/{object}/describe"),
            (Method::GET, "/s/{object}/{id}"),
            (Method::PATCH, "/s/{object}/{id}"),
            (Method::GET, "/s/{object}/{field}/{value}"),
            (Method::POST, "/soap/u/{*rest}"),
        ])
    }

    fn found(
        table: &RouteTable,
        method: &Method,
        path: &str,
    ) -> Option<(&'static str, Vec<String>)> {
        match table.find(method, path) {
            Found::Route { route, parameters } => Some((
                route.pattern,
                parameters.0.into_iter().map(|(_, value)| value).collect(),
            )),
            Found::OtherMethods(_) | Found::Nothing => None,
        }
    }

    #[test]
    fn words_ignore_case_and_a_trailing_slash() {
        let expected = Some(("/s/{object}/describe", vec!["Case".to_owned()]));
        for path in [
            "/s/Case/describe",
            "/S/Case/DESCRIBE/",
            "/s/Case/describe.json",
        ] {
            assert_eq!(found(&rows(), &Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn a_segment_is_decoded_after_the_path_is_split() {
        let (_, values) = found(&rows(), &Method::GET, "/s/A/Ext__c/a+b%2Fc%20d.json").unwrap();
        assert_eq!(values, ["A", "Ext__c", "a+b/c d.json"]);
    }

    #[test]
    fn a_word_wins_over_a_parameter_unless_the_method_is_only_there() {
        let (pattern, _) = found(&rows(), &Method::PATCH, "/s/A/describe").unwrap();
        assert_eq!(pattern, "/s/{object}/{id}");
    }

    #[test]
    fn head_is_answered_by_get() {
        assert!(found(&rows(), &Method::HEAD, "/s/A/1").is_some());
    }

    #[test]
    fn a_path_with_other_methods_says_which() {
        let table = rows();
        let Found::OtherMethods(methods) = table.find(&Method::DELETE, "/s/A/1") else {
            panic!("there is no DELETE");
        };
        assert_eq!(methods, [&Method::GET, &Method::PATCH]);
        assert!(matches!(table.find(&Method::GET, "/t"), Found::Nothing));
    }

    #[test]
    fn the_rest_takes_any_number_of_segments() {
        let (_, values) = found(&rows(), &Method::POST, "/soap/u/51.0/00D").unwrap();
        assert_eq!(values, ["51.0/00D"]);
    }
}
