//! What a page asks before something is lost: the browser's own question.

use crate::runtime::wait_for;
use crate::window::Window;

impl Window {
    /// What the page asks with a dialog of the browser, such as whether to leave; none when it asks
    /// nothing.
    pub fn question(&self) -> Option<String> {
        wait_for(self.browser().driver().get_alert_text()).ok()
    }

    /// Waits until the page asks something with a dialog of the browser.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn is_asked(&self) {
        self.until("be asked something", async || {
            self.browser().driver().get_alert_text().await?;
            Ok(())
        });
    }

    /// Answers a dialog of the browser.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn answer(&self, yes: bool) {
        let driver = self.browser().driver();
        let answered = wait_for(async {
            if yes {
                driver.accept_alert().await
            } else {
                driver.dismiss_alert().await
            }
        });
        self.drive("answer the browser's question", answered);
    }
}
