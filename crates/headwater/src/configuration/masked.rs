//! The configuration as `doctor` prints it: in the default file's order, secrets masked.

use super::Configuration;

/// One line for each key. A secret shows only whether it is set.
pub fn masked(configuration: &Configuration) -> Vec<(String, String)> {
    let Configuration {
        server,
        tls,
        data,
        log,
        metrics,
        limits,
        passwords,
        demo,
    } = configuration;
    let mut lines = Vec::new();
    let mut line = |key: &str, value: String| lines.push((key.to_owned(), value));
    line("server.listen", shown(server.listen));
    line("server.listen_tls", shown(server.listen_tls));
    line("server.public_url", shown(server.public_url.as_ref()));
    line(
        "server.forwarded_headers_trusted",
        server.forwarded_headers_trusted.to_string(),
    );
    line("server.cors_origins", server.cors_origins.join(", "));
    line("server.worker_threads", server.worker_threads.to_string());
    line(
        "server.shutdown_grace_seconds",
        server.shutdown_grace_seconds.to_string(),
    );
    line(
        "tls.certificate",
        shown(tls.certificate.as_ref().map(|p| p.display())),
    );
    line("tls.key", shown(tls.key.as_ref().map(|p| p.display())));
    line("tls.self_signed", tls.self_signed.to_string());
    line("tls.names", tls.names.join(", "));
    line("data.directory", data.directory.display().to_string());
    line("log.format", format!("{:?}", log.format).to_lowercase());
    line("log.filter", log.filter.clone());
    line("metrics.listen", shown(metrics.listen));
    line(
        "limits.api_requests_daily_max",
        limits.api_requests_daily_max.to_string(),
    );
    line("limits.body_bytes_max", limits.body_bytes_max.to_string());
    line("limits.uri_bytes_max", limits.uri_bytes_max.to_string());
    line(
        "limits.header_bytes_max",
        limits.header_bytes_max.to_string(),
    );
    line(
        "limits.handler_seconds_max",
        limits.handler_seconds_max.to_string(),
    );
    line(
        "passwords.hash_memory_kib",
        passwords.hash_memory_kib.to_string(),
    );
    line("passwords.hash_passes", passwords.hash_passes.to_string());
    line("demo.password", secret(demo.password.as_deref()));
    lines
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn secret(value: Option<&str>) -> String {
    value.map(|_| "********".to_owned()).unwrap_or_default()
}
