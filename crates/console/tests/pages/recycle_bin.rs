//! The recycle bin: what lies in it, restoring, deleting for good, and taking a delete back.

use axum::http::StatusCode;

use crate::site::Site;

/// An account that was made and deleted: its address, and its id.
async fn deleted(browser: &crate::site::Browser) -> (String, String) {
    let made = browser
        .post("/o/Account/new", &[("Name", "Alder & Finch")])
        .await;
    let url = made.leads_to().to_owned();
    let id = url.rsplit('/').next().unwrap().to_owned();
    browser.post(&format!("{url}/delete"), &[]).await;
    (url, id)
}

#[tokio::test]
async fn a_deleted_record_can_be_taken_back_at_once() {
    let site = Site::start().await;
    let browser = site.admin().await;
    let (url, id) = deleted(&browser).await;
    let page = browser.sees("/o/Account").await;
    let undo = format!("action=\"/recycle-bin/{id}/restore\"");
    assert!(page.contains(&undo) && page.contains("Undo"), "{page}");
    let back = browser
        .post(&format!("/recycle-bin/{id}/restore"), &[])
        .await;
    assert_eq!(back.leads_to(), url);
    assert!(browser.sees(&url).await.contains("Brought back."));
}

#[tokio::test]
async fn the_bin_lists_what_was_deleted_until_it_is_restored_or_gone_for_good() {
    let site = Site::start().await;
    let browser = site.admin().await;
    let (url, id) = deleted(&browser).await;
    for address in ["/recycle-bin", "/recycle-bin?whose=everybody"] {
        let page = browser.sees(address).await;
        assert!(page.contains("Alder &amp; Finch"), "{page}");
    }
    let question = browser.sees(&format!("/recycle-bin/{id}/erase")).await;
    assert!(question.contains("Nobody can bring the record back"));
    let gone = browser.post(&format!("/recycle-bin/{id}/erase"), &[]).await;
    assert_eq!(gone.leads_to(), "/recycle-bin");
    let page = browser.sees("/recycle-bin").await;
    assert!(
        page.contains("You have not deleted anything lately.")
            && page.contains("Deleted for good."),
        "{page}"
    );
    assert_eq!(browser.open(&url).await.status, StatusCode::NOT_FOUND);
    let again = browser
        .post(&format!("/recycle-bin/{id}/restore"), &[])
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}
