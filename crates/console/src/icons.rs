//! Drawings, as SVG in the page: they take the colour of the text around them and say nothing to
//! those who listen.

use maud::{Markup, PreEscaped};

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: PreEscaped<&str> = PreEscaped(concat!(
            "<svg class=\"glyph\" viewBox=\"0 0 20 20\" width=\"20\" height=\"20\" fill=\"none\" \
             stroke=\"currentColor\" stroke-width=\"1.6\" stroke-linecap=\"round\" \
             stroke-linejoin=\"round\" aria-hidden=\"true\" focusable=\"false\">",
            $path,
            "</svg>"
        ));)*
    };
}

icons! {
    /// A lock.
    LOCK = "<rect x=\"4.5\" y=\"9\" width=\"11\" height=\"7.5\" rx=\"1.8\"/><path d=\"M7 9V6.6a3 3 0 0 1 6 0V9\"/>";
    /// A paper clip.
    CLIP = "<path d=\"M14.5 9.5l-5 5a3.2 3.2 0 0 1-4.5-4.5l6-6a2.200 2.200 0 0 1 3.100 3.100l-5.900 5.900a1 1 0 0 1-1.500-1.500l5-5\"/>";
    /// A face that smiles.
    SMILE = "<circle cx=\"10\" cy=\"10\" r=\"6.8\"/><path d=\"M7.3 12a3.4 3.4 0 0 0 5.4 0M7.6 8v.4M12.4 8v.4\"/>";
    /// A pencil.
    PENCIL = "<path d=\"M12.6 4.4l3 3L7 16H4v-3z\"/>";
    /// A cross.
    CLOSE = "<path d=\"M5 5l10 10M15 5L5 15\"/>";
    /// A magnifying glass.
    SEARCH = "<circle cx=\"9\" cy=\"9\" r=\"5\"/><path d=\"M13 13l4 4\"/>";
    /// Streams that become one: what is inherited.
    STREAM = "<path d=\"M4 3v3c0 3 6 3 6 7v4M16 3v3c0 3-6 3-6 7\"/>";
    /// A speech bubble.
    TALK = "<path d=\"M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9l-3.5 3v-3a2 2 0 0 1-2-2z\"/>";
    /// A person.
    PERSON = "<circle cx=\"10\" cy=\"7\" r=\"3\"/><path d=\"M4 16.5c.8-3 3.2-4.5 6-4.5s5.2 1.5 6 4.5\"/>";
    /// A building.
    BUILDING = "<path d=\"M4.5 16.5v-12h7v12M11.5 8.5h4v8M2.5 16.5h15M7 7.5h2M7 10.5h2M7 13.5h2\"/>";
    /// A folder.
    FOLDER = "<path d=\"M3 6a1.5 1.5 0 0 1 1.5-1.5h3.5l1.5 2h6A1.5 1.5 0 0 1 17 8v6.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5z\"/>";
    /// A star.
    STAR = "<path d=\"M10 3.5l2 4.2 4.5.6-3.300 3.2.8 4.6L10 13.9l-4 2.2.8-4.6L3.5 8.300 8 7.7z\"/>";
    /// A coin.
    COIN = "<circle cx=\"10\" cy=\"10\" r=\"6.5\"/><path d=\"M12 7.8c-.4-.8-1.1-1.1-2-1.1-1.2 0-2.1.6-2.1 1.6 0 2.300 4.300 1.1 4.300 3.400 0 1-.9 1.7-2.2 1.7-1 0-1.8-.4-2.2-1.2M10 5.5v9\"/>";
    /// A megaphone.
    HORN = "<path d=\"M3.5 8.5v3l9 3.5V5zM12.5 8c1.6 0 2.6.8 2.6 2s-1 2-2.6 2M6 12.5l.8 3.5h2l-.8-2.8\"/>";
    /// Bars of a chart.
    CHART = "<path d=\"M4 16.5v-5M8 16.5v-9M12 16.5v-6M16 16.5v-12\"/>";
    /// A gear.
    GEAR = "<circle cx=\"10\" cy=\"10\" r=\"2.6\"/><path d=\"M10 2.8v2.2M10 15v2.2M2.8 10H5M15 10h2.2M4.9 4.9l1.6 1.6M13.5 13.5l1.6 1.6M15.1 4.9l-1.6 1.6M6.5 13.5l-1.6 1.6\"/>";
    /// A bin.
    BIN = "<path d=\"M4 6h12M8 6V4h4v2M5.5 6l.8 10.5h7.4L14.5 6M8.5 9v4.5M11.5 9v4.5\"/>";
    /// A tag for any other record.
    CARD = "<rect x=\"3\" y=\"4.5\" width=\"14\" height=\"11\" rx=\"1.8\"/><path d=\"M6 8.5h8M6 11.5h5\"/>";
    /// A phone.
    PHONE = "<rect x=\"6\" y=\"2.5\" width=\"8\" height=\"15\" rx=\"1.8\"/><path d=\"M9 15h2\"/>";
    /// A globe.
    GLOBE = "<circle cx=\"10\" cy=\"10\" r=\"6.5\"/><path d=\"M3.5 10h13M10 3.5c4.5 4 4.5 9 0 13M10 3.5c-4.5 4-4.5 9 0 13\"/>";
    /// A clock.
    CLOCK = "<circle cx=\"10\" cy=\"10\" r=\"6.8\"/><path d=\"M10 6v4l2.700 1.800\"/>";
    /// An arrow to the right.
    ARROW = "<path d=\"M4 10h12M11.5 5.5L16 10l-4.5 4.5\"/>";
    /// An arrow back.
    BACK = "<path d=\"M16 10H4M8.5 5.5L4 10l4.5 4.5\"/>";
    /// A plus.
    PLUS = "<path d=\"M10 4.5v11M4.5 10h11\"/>";
}

/// The drawing for an object's records.
pub(crate) fn of_object(object: &str) -> Markup {
    PreEscaped(
        match object {
            "MessagingSession" => TALK,
            "MessagingEndUser" => PHONE,
            "Account" => BUILDING,
            "Contact" | "User" => PERSON,
            "Case" => FOLDER,
            "Lead" => STAR,
            "Opportunity" => COIN,
            "Campaign" => HORN,
            "MessagingChannel" => GLOBE,
            "Relink" => STREAM,
            _ => CARD,
        }
        .0
        .to_owned(),
    )
}
