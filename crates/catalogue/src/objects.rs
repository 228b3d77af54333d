//! The built-in objects, one file each.
//!
//! Facts only: what a rule works out on writing (a contact's `Name`, a case's `IsClosed`) is an
//! ordinary read-only column here.

mod shared;

pub mod account;
pub mod agent_work;
pub mod attachment;
pub mod bulk_batch;
pub mod bulk_job;
pub mod business_hours;
pub mod campaign;
pub mod case;
pub mod channel_account;
pub mod channel_health;
pub mod channel_object_linking_rule;
pub mod channel_parameter;
pub mod connected_application;
pub mod contact;
pub mod content_document;
pub mod content_document_link;
pub mod content_version;
pub mod conversation;
pub mod conversation_entry;
pub mod conversation_participant;
pub mod custom_field;
pub mod custom_object;
pub mod default_record_type;
pub mod erasure;
pub mod field_permissions;
pub mod group;
pub mod group_member;
pub mod history;
pub mod inbound_event;
pub mod lead;
pub mod messaging_channel;
pub mod messaging_end_user;
pub mod messaging_keyset;
pub mod messaging_session;
pub mod messaging_user_address;
pub mod msg_channel_language_keyword;
pub mod oauth_token;
pub mod object_permissions;
pub mod opportunity;
pub mod organization;
pub mod page_layout;
pub mod pending_service_routing;
pub mod permission_set;
pub mod permission_set_assignment;
pub mod presence_heartbeat;
pub mod presence_user_config;
pub mod profile;
pub mod query_cursor;
pub mod queue_routing_config;
pub mod queue_routing_config_skill;
pub mod queue_sobject;
pub mod quick_text;
pub mod record_type;
pub mod record_view;
pub mod relink;
pub mod relink_item;
pub mod retention_run;
pub mod revoked_token;
pub mod server_secret;
pub mod service_channel;
pub mod service_channel_status;
pub mod service_presence_status;
pub mod service_resource;
pub mod service_resource_skill;
pub mod setup_audit_trail;
pub mod sharing_setting;
pub mod skill;
pub mod skill_requirement;
pub mod task;
pub mod user;
pub mod user_credential;
pub mod user_role;
pub mod user_service_presence;
pub mod web_deployment;

use crate::Object;

/// Every built-in object, in the order of global describe.
pub const ALL: &[&Object] = &[
    &account::OBJECT,
    &history::ACCOUNT,
    &agent_work::OBJECT,
    &attachment::OBJECT,
    &bulk_batch::OBJECT,
    &bulk_job::OBJECT,
    &business_hours::OBJECT,
    &campaign::OBJECT,
    &case::OBJECT,
    &history::CASE,
    &channel_account::OBJECT,
    &channel_health::OBJECT,
    &channel_object_linking_rule::OBJECT,
    &channel_parameter::OBJECT,
    &connected_application::OBJECT,
    &contact::OBJECT,
    &history::CONTACT,
    &content_document::OBJECT,
    &content_document_link::OBJECT,
    &content_version::OBJECT,
    &conversation::OBJECT,
    &conversation_entry::OBJECT,
    &conversation_participant::OBJECT,
    &custom_field::OBJECT,
    &custom_object::OBJECT,
    &default_record_type::OBJECT,
    &erasure::OBJECT,
    &field_permissions::OBJECT,
    &group::OBJECT,
    &group_member::OBJECT,
    &inbound_event::OBJECT,
    &lead::OBJECT,
    &history::LEAD,
    &messaging_channel::OBJECT,
    &messaging_end_user::OBJECT,
    &history::MESSAGING_END_USER,
    &messaging_keyset::OBJECT,
    &messaging_session::OBJECT,
    &history::MESSAGING_SESSION,
    &messaging_user_address::OBJECT,
    &msg_channel_language_keyword::OBJECT,
    &oauth_token::OBJECT,
    &object_permissions::OBJECT,
    &opportunity::OBJECT,
    &history::OPPORTUNITY,
    &organization::OBJECT,
    &page_layout::OBJECT,
    &pending_service_routing::OBJECT,
    &permission_set::OBJECT,
    &permission_set_assignment::OBJECT,
    &presence_heartbeat::OBJECT,
    &presence_user_config::OBJECT,
    &presence_user_config::OF_PROFILE,
    &presence_user_config::OF_USER,
    &profile::OBJECT,
    &query_cursor::OBJECT,
    &queue_routing_config::OBJECT,
    &queue_routing_config_skill::OBJECT,
    &queue_sobject::OBJECT,
    &quick_text::OBJECT,
    &record_type::OBJECT,
    &record_view::OBJECT,
    &relink::OBJECT,
    &relink_item::OBJECT,
    &retention_run::OBJECT,
    &revoked_token::OBJECT,
    &server_secret::OBJECT,
    &service_channel::OBJECT,
    &service_channel_status::OBJECT,
    &service_presence_status::OBJECT,
    &service_resource::OBJECT,
    &service_resource_skill::OBJECT,
    &setup_audit_trail::OBJECT,
    &sharing_setting::OBJECT,
    &skill::OBJECT,
    &skill_requirement::OBJECT,
    &task::OBJECT,
    &user::OBJECT,
    &user_credential::OBJECT,
    &user_role::OBJECT,
    &user_service_presence::OBJECT,
    &web_deployment::OBJECT,
];
