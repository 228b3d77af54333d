//! Where a session has come to by what its customer did, and what follows for those who wait.

use headwater_catalogue::{Id, Value};
use headwater_records::Draft;

use super::Desk;
use crate::error::Error;
use crate::lifecycle::EndedBy;
use crate::routing::Place;
use crate::status::Status;

impl Desk<'_> {
    /// Puts down where the session has come to. Before another session is begun as well, for a user has
    /// one that is open.
    pub(super) async fn write_status(&mut self) -> Result<(), Error> {
        let Some(session) = self.party.session.as_ref() else {
            return Ok(());
        };
        let (id, status) = (session.id, session.status);
        let is_new = self.begun == Some(id);
        let is_said = !is_new && session.seq > self.place;
        let mut back = None;
        let has_moved = self.was != Some(status);
        // Also when it stays as it is: nothing is said in a session that ends or rests at this moment,
        // and whoever counts its silence sees that it was spoken in.
        if has_moved || is_said {
            let mut draft = Draft::new();
            if has_moved {
                draft = draft.with("Status", status.word());
            }
            if has_moved
                && status == Status::Waiting
                && let Some((queue, way)) = self.messaging.way_back(id).await?
            {
                draft = draft.with("OwnerId", queue);
                back = Some(way);
            }
            if has_moved && status.is_over() {
                draft = draft.with("EndTime", self.write.at()).with(
                    "EndedByType",
                    self.ended_by.unwrap_or(EndedBy::System).word(),
                );
            }
            let expected = self.was.map(|was| ("Status", Value::from(was.word())));
            self.write
                .update(
                    &self.system,
                    "MessagingSession",
                    id,
                    &draft,
                    expected.as_slice(),
                )
                .await?;
        }
        if let Some(was) = self.was.filter(|_| has_moved && self.hears) {
            self.announce(id, was, status, is_new).await?;
        }
        self.route(id, status, is_new, back).await
    }

    /// Tells that the session has moved. One that is begun with this has nobody on it.
    async fn announce(
        &mut self,
        session: Id,
        was: Status,
        is: Status,
        is_new: bool,
    ) -> Result<(), Error> {
        self.sends = true;
        let (messaging, write) = (self.messaging, &mut self.write);
        if is_new {
            return messaging.leave_status(write, session, Some(was), is);
        }
        messaging
            .announce_move(write, session, (was, is), None)
            .await
    }

    /// Brings the line of those who wait to where the session has come to. One that was in line before goes
    /// `back` to its place.
    async fn route(
        &mut self,
        session: Id,
        status: Status,
        is_new: bool,
        back: Option<Place>,
    ) -> Result<(), Error> {
        let has_moved = self.was != Some(status);
        if status == Status::Waiting && (is_new || has_moved) {
            let place = if let Some(place) = back {
                place
            } else {
                let handler = self.handler().await?;
                handler.map(|handler| handler.place).unwrap_or_default()
            };
            let (messaging, write) = (self.messaging, &mut self.write);
            if self.hears && self.channel.is_routed_externally {
                self.sends = true;
                return messaging
                    .line_up_externally(write, session, place, false)
                    .await;
            }
            self.routes |= messaging.line_up(write, session, place).await?;
        } else if has_moved && !is_new {
            let (write, system) = (&mut self.write, self.system.user);
            self.messaging
                .work_follows(write, session, status, system)
                .await?;
            self.routes = true;
        }
        Ok(())
    }
}
