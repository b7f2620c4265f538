/** Near to what Teams sets: its type, its colours, its distances. */
const hostConfig = {
  fontFamily: "'Segoe UI', 'Open Sans', sans-serif",
  fontSizes: { small: 12, default: 14, medium: 16, large: 20, extraLarge: 24 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  spacing: { small: 4, default: 8, medium: 16, large: 24, extraLarge: 32, padding: 12 },
  actions: { maxActions: 6, actionsOrientation: 'horizontal', buttonSpacing: 8, actionAlignment: 'left' },
  containerStyles: {
    default: {
      backgroundColor: '#ffffff',
      foregroundColors: {
        default: { default: '#242424', subtle: '#616161' },
        accent: { default: '#5b5fc7', subtle: '#5b5fc7' },
        attention: { default: '#c4314b', subtle: '#c4314b' },
        warning: { default: '#835c00', subtle: '#835c00' },
        good: { default: '#237b4b', subtle: '#237b4b' },
      },
    },
  },
} as const;

const style = `
body { margin: 0; padding: 16px; width: 660px; background: #f5f5f5; overflow-wrap: anywhere; }
#card { background: #fff; border: 1px solid #e0e0e0; border-radius: 4px; }
.ac-textRun, .ac-richTextBlock { overflow-wrap: anywhere; }
.ac-actionSet { flex-wrap: wrap; gap: 4px; }
.ac-pushButton { background: #fff; border: 1px solid #d1d1d1; border-radius: 4px; font: 600 12px 'Segoe UI', 'Open Sans', sans-serif; padding: 5px 10px; }
footer { color: #616161; font: 11px 'Open Sans', sans-serif; margin-top: 8px; }
`;

const footer = 'Drawn by the renderer of adaptivecards.io with a setting near to that of Teams.';

/** A page whose element `card` shows an Adaptive Card once the renderer of adaptivecards is loaded and `drawCard()` was called. */
export function teamsDrawing(card: object): string {
  const text = JSON.stringify(card).replaceAll('<', String.raw`\u003c`);
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><div id="card"></div><footer>${footer}</footer><script>
function drawCard() {
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig(${JSON.stringify(hostConfig)});
  card.parse(${text});
  document.getElementById('card').append(card.render());
}
</script>`;
}
