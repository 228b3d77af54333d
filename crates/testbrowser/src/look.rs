//! How a window looks at pages.

/// What a person's window and settings are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Of the page, in CSS pixels.
    pub width: u32,
    /// Of the page, in CSS pixels.
    pub height: u32,
    /// What the system prefers.
    pub scheme: Scheme,
    /// Whether pages may run script.
    pub script: bool,
}

/// What a person has told their system to prefer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Default for Look {
    /// A laptop's window in the light scheme.
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            scheme: Scheme::Light,
            script: true,
        }
    }
}

impl Look {
    /// In the dark scheme.
    #[must_use]
    pub fn dark(self) -> Self {
        let scheme = Scheme::Dark;
        Self { scheme, ..self }
    }

    /// As wide as a small telephone.
    #[must_use]
    pub fn narrow(self) -> Self {
        Self {
            width: 360,
            height: 740,
            ..self
        }
    }

    /// With script switched off.
    #[must_use]
    pub fn without_script(self) -> Self {
        let script = false;
        Self { script, ..self }
    }
}

impl Scheme {
    /// As the media feature names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
