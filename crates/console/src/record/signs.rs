//! Where a session's page says who is writing and who else is looking. Script fills it; whoever only reads, such
//! as a supervisor, is told as well.

use headwater_messaging::Status;
use maud::{Markup, html};

use super::Record;
use super::desk::{may_work, status};
use crate::visitor::Visitor;

pub(super) fn show(visitor: &Visitor, record: &Record) -> Markup {
    if status(record).is_none_or(Status::is_over) {
        return html! {};
    }
    // Others are told who looks of those alone who might be in their way.
    let attends = may_work(visitor, record).then_some(record.id);
    html! {
        div #signs .signs data-own=(record.id) data-session=(record.id) data-customer=(record.name())
            data-attends=[attends] {
            p .customer-types role="status" {}
            p .colleague-writes role="status" {}
            p .colleague-looks role="status" {}
        }
    }
}
