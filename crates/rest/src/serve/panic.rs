//! A handler that panics is our fault, answered as such, and the server goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::response::Response;

use crate::error::Failure;
use crate::route::Answering;

/// A handler's future that turns a panic into a failure.
pub(crate) fn caught(answering: Answering) -> Caught {
    Caught(answering)
}

pub(crate) struct Caught(Answering);

impl Future for Caught {
    type Output = Result<Response, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Nothing of the handler's is looked at after a panic, so nothing torn can be seen.
        catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))).unwrap_or_else(|payload| {
            let text = payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| payload.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "a handler panicked".to_owned());
            Poll::Ready(Err(Failure::internal(text)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_unknown_exception() {
        let answering: Answering = Box::pin(async { panic!("a handler's bug") });
        let failure = caught(answering).await.unwrap_err();
        assert_eq!(failure.status, 500);
        assert_eq!(failure.errors[0].code, "UNKNOWN_EXCEPTION");
        assert_eq!(failure.cause.unwrap().to_string(), "a handler's bug");
    }
}
