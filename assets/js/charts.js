// Charts for dashboards: kit/partials/chart.html. Data come as JSON in the page; a click on a point opens the rows
// behind it (links). The table below each chart says the same in words and stays for readers without JavaScript.
import { BarChart, LineChart, TreeChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, TreeChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const COLORS = ["#c8102e", "#f28c28", "#3b6ea5", "#4f8a5b", "#7a5ba6", "#6b6560"];
const TEXT = { color: "#4a4644", fontFamily: "system-ui, sans-serif" };

function axes(kind, data) {
  const names = { type: "category", data: data.x, axisLabel: { color: TEXT.color }, axisTick: { show: false }, axisLine: { lineStyle: { color: "#cfcac6" } } };
  const values = { type: "value", name: data.unit || "", axisLabel: { color: TEXT.color }, splitLine: { lineStyle: { color: "#ece9e6" } } };
  return kind === "bars" ? { xAxis: values, yAxis: { ...names, inverse: true } } : { xAxis: names, yAxis: values };
}

function plain(kind, data) {
  const type = kind === "line" ? "line" : "bar";
  const series = data.series.map((one, index) => ({
    name: one.name,
    type,
    data: one.data,
    stack: one.stack,
    symbolSize: 7,
    symbol: ["circle", "rect", "triangle", "diamond"][index % 4],
    barMaxWidth: 28,
    markLine: data.target === undefined || index > 0 ? undefined : {
      symbol: "none",
      lineStyle: { color: "#6b6560", type: "dashed" },
      label: { formatter: data.targetLabel || "{c}" },
      data: [kind === "bars" ? { xAxis: data.target } : { yAxis: data.target }],
    },
  }));
  return {
    ...axes(kind, data),
    series,
    grid: { left: 8, right: 40, top: data.unit || data.series.length > 1 ? 44 : 20, bottom: 8, containLabel: true },
    legend: { show: data.series.length > 1, top: 0, right: 0 },
    tooltip: { trigger: "axis", renderMode: "richText" },
  };
}

function tree(data) {
  return {
    series: [{
      type: "tree",
      data: [data.root],
      top: 8, bottom: 8, left: 90, right: 160,
      symbolSize: 10,
      itemStyle: { color: COLORS[0], borderColor: COLORS[0] },
      lineStyle: { color: "#cfc6bb" },
      initialTreeDepth: data.depth ?? 2,
      expandAndCollapse: true,
      label: { position: "left", verticalAlign: "middle", align: "right", ...TEXT },
      leaves: { label: { position: "right", align: "left" } },
    }],
    tooltip: { renderMode: "richText" },
  };
}

function open(data, event) {
  const series = data.series?.[event.seriesIndex];
  const address = event.data?.href || series?.links?.[event.dataIndex];
  if (address && new URL(address, location.href).origin === location.origin) location.assign(address);
}

function draw(place) {
  if (place.dataset.drawn) return;
  place.dataset.drawn = "1";
  const data = JSON.parse(document.getElementById(place.dataset.source).textContent);
  const chart = init(place);
  chart.setOption({
    color: COLORS,
    textStyle: TEXT,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true, decal: { show: (data.series?.length ?? 0) > 1 } },
    ...(place.dataset.chart === "tree" ? tree(data) : plain(place.dataset.chart, data)),
  });
  chart.on("click", (event) => open(data, event));
  new ResizeObserver(() => chart.resize()).observe(place);
}

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach(draw);
}
document.addEventListener("htmx:afterSettle", drawAll);
drawAll();
