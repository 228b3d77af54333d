//! How long a handler may take.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;

use crate::error::Failure;

/// A handler's answer, unless it takes longer than this.
pub(crate) async fn within(
    limit: Duration,
    answering: impl Future<Output = Result<Response, Failure>>,
) -> Result<Response, Failure> {
    let answered = tokio::time::timeout(limit, answering).await;
    answered.unwrap_or_else(|_| Err(timed_out(limit)))
}

fn timed_out(limit: Duration) -> Failure {
    let mut failure = Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "SERVER_UNAVAILABLE",
        "The request took too long. It may have happened or not: read before trying again",
    );
    failure.cause = Some(format!("the handler ran longer than {limit:?}").into());
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_never_answers_is_given_up() {
        let never = std::future::pending();
        let failure = within(Duration::from_millis(1), never).await.unwrap_err();
        assert_eq!(failure.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(failure.cause.is_some());
    }

    #[tokio::test]
    async fn one_that_answers_is_let_through() {
        let answer = std::future::ready(Ok(Response::default()));
        assert!(within(Duration::from_secs(1), answer).await.is_ok());
    }
}
